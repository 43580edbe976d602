"""Unicode normalization of labels."""

import pytest

from lib.domain.annotations import match_label, normalize_label

# An é as one character, and as e with an accent: https://www.unicode.org/reports/tr15/
COMPOSED, DECOMPOSED = "tourn\u00e9", "tourne\u0301"


@pytest.mark.parametrize("text", [COMPOSED, DECOMPOSED])
def test_labels_are_normalized_to_composed_unicode(text: str) -> None:
    assert normalize_label(text) == COMPOSED


@pytest.mark.parametrize("text", ["cat", "ﬁsh", "猫", ""])
def test_lookalike_characters_are_not_changed(text: str) -> None:
    assert normalize_label(text) == text


def test_a_typed_label_matches_the_known_label_that_looks_the_same() -> None:
    assert match_label(COMPOSED, ["cat", DECOMPOSED]) == DECOMPOSED
    assert match_label(DECOMPOSED, ["cat", COMPOSED]) == COMPOSED


def test_an_unknown_typed_label_is_normalized() -> None:
    assert match_label(DECOMPOSED, ["cat"]) == COMPOSED
