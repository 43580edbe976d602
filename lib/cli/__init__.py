"""The commands: `python -m lib COMMAND`."""
