"""Characters in untrusted text that cannot be shown, or not seen."""

import re

# Control characters, line separators, marks that change the direction of text, and surrogates, which file names that
# are not UTF-8 contain.
_UNSHOWABLE = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff]")
# Invisible characters. Not the joiners U+200C and U+200D, which Persian and emoji need, nor the tags of flags.
_INVISIBLE = re.compile(
    "[\u00ad\u034f\u061c\u180e\u200b\u200e\u200f\u2060-\u2064\u206a-\u206f\u3164\ufeff\uffa0\ufff9-\ufffb]"
)
# White space within a line; all of it looks like a plain space.
_BLANKS = re.compile("[\t \u00a0\u1680\u2000-\u200a\u202f\u205f\u3000]+")


def find_unshowable(text: str) -> str | None:
    """Return the code point of the first character that cannot be shown, such as `U+0007`."""
    found = _UNSHOWABLE.search(text)
    return f"U+{ord(found[0]):04X}" if found else None


def find_invisible(text: str) -> str | None:
    """Return the code point of the first invisible character, such as `U+200B`."""
    found = _INVISIBLE.search(text)
    return f"U+{ord(found[0]):04X}" if found else None


def without_invisible(text: str) -> str:
    """Return the text without invisible characters."""
    return _INVISIBLE.sub("", text)


def with_plain_spaces(text: str) -> str:
    """Return the text with each run of white space as one plain space, and none around it."""
    return _BLANKS.sub(" ", text).strip()


def escape_unshowable(text: str) -> str:
    """Return the text with characters that cannot be shown as escapes, such as `\\x07`."""
    return _UNSHOWABLE.sub(lambda found: found[0].encode("unicode_escape").decode(), text)
