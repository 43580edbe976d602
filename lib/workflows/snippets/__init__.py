"""Short programs that request a prediction from one model, to copy and run."""
