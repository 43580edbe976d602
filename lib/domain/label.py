"""Labels in one spelling: an é may be one character, or an e and an accent, and looks the same."""

import unicodedata
from collections.abc import Iterable


def normalize_label(text: str) -> str:
    """Return the label in the composed form (NFC), in which all labels are kept and compared."""
    return text if text.isascii() else unicodedata.normalize("NFC", text)


def normalize_labels(labels: Iterable[str]) -> tuple[str, ...]:
    """Return the labels in that form, in their order."""
    return tuple(map(normalize_label, labels))


def match_label(text: str, known: Iterable[str]) -> str:
    """Return the label that is meant by a text: the known one that looks the same, or else the text in that form.

    Labels that were stored by earlier releases may be in another form, and stay as they are.
    """
    label = normalize_label(text)
    return next((each for each in known if normalize_label(each) == label), label)
