"""Charts. Each module has a function that makes a figure of a value, and one that describes it: `describe_…`."""
