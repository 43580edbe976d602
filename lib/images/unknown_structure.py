"""What is raised for files that cannot be taken apart."""


class UnknownStructure(Exception):
    """The parts of a file cannot be told from each other, so that nothing can be left out safely."""
