"""The residents' screen: choose a unit, get a number."""
