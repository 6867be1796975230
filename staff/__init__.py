"""The staff's console: open a counter, call the next."""
