"""What the tests and the documentation need, and the programs do not."""
