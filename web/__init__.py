"""The ticket on a phone, the lobby's board as a page, and tickets for who has a phone only."""
