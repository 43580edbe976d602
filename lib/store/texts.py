"""Texts as every database can hold them."""


def storable(words: str) -> str:
    """The words with a mark for what databases cannot hold: NUL characters, and halves of surrogate pairs."""
    return words.replace("\0", "\N{REPLACEMENT CHARACTER}").encode("utf-8", "replace").decode("utf-8")
