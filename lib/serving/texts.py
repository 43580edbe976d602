"""Text of strangers, as far as it can be shown."""

import re

# Control characters, line ends that no text field has, marks that turn the text around them, and halves of characters:
# a name on disk that is not UTF-8 has some.
_UNSHOWABLE = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff]")


def find_unshowable(text: str) -> str | None:
    """Return the code point of the first character that cannot be shown, such as `U+0007`."""
    found = _UNSHOWABLE.search(text)
    return f"U+{ord(found[0]):04X}" if found else None


def escape_unshowable(text: str) -> str:
    """Return the text with those characters written out, such as `\\x07`."""
    return _UNSHOWABLE.sub(lambda found: found[0].encode("unicode_escape").decode(), text)
