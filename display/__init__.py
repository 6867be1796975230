"""The lobby's screen: who is called, and where to."""
