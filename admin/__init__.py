"""What keeps the centre running: ``vuoro-admin``, one command with many."""
