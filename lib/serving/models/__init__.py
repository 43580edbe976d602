"""Model files, which may be a stranger's: each is opened and run in worker processes alone."""
