"""Text of strangers, as far as it can be shown."""

import re

# Control characters, line ends that no text field has, marks that turn the text around them, and halves of characters:
# a name on disk that is not UTF-8 has some.
_UNSHOWABLE = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff]")
# What nobody sees. Not the joiners U+200C and U+200D, which Persian and emoji are written with, nor the tags of flags.
_INVISIBLE = re.compile(
    "[\u00ad\u034f\u061c\u180e\u200b\u200e\u200f\u2060-\u2064\u206a-\u206f\u3164\ufeff\uffa0\ufff9-\ufffb]"
)
# White space that a line may hold; all of it looks like the usual space.
_BLANKS = re.compile("[\t \u00a0\u1680\u2000-\u200a\u202f\u205f\u3000]+")


def find_unshowable(text: str) -> str | None:
    """Return the code point of the first character that cannot be shown, such as `U+0007`."""
    found = _UNSHOWABLE.search(text)
    return f"U+{ord(found[0]):04X}" if found else None


def find_invisible(text: str) -> str | None:
    """Return the code point of the first character that leaves no trace on a page, such as `U+200B`."""
    found = _INVISIBLE.search(text)
    return f"U+{ord(found[0]):04X}" if found else None


def without_invisible(text: str) -> str:
    """Return what a reader sees of the text."""
    return _INVISIBLE.sub("", text)


def with_plain_spaces(text: str) -> str:
    """Return the text with one usual space for white space of any kind and length, and none around it."""
    return _BLANKS.sub(" ", text).strip()


def escape_unshowable(text: str) -> str:
    """Return the text with those characters written out, such as `\\x07`."""
    return _UNSHOWABLE.sub(lambda found: found[0].encode("unicode_escape").decode(), text)
