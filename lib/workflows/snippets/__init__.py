"""Short programs that ask one model for a prediction, to copy and run."""
