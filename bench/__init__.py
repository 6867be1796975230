"""What the programs are measured by: run by hand, with figures for an answer."""
