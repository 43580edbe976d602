"""Labels in one spelling."""

import pytest

from lib.domain.annotations import match_label, normalize_label

# An é as one character, and as e with an accent: https://www.unicode.org/reports/tr15/
COMPOSED, DECOMPOSED = "tourn\u00e9", "tourne\u0301"


@pytest.mark.parametrize("text", [COMPOSED, DECOMPOSED])
def test_both_spellings_become_the_composed_one(text: str) -> None:
    assert normalize_label(text) == COMPOSED


@pytest.mark.parametrize("text", ["cat", "ﬁsh", "猫", ""])
def test_characters_that_only_resemble_others_stay(text: str) -> None:
    assert normalize_label(text) == text


def test_what_is_typed_is_the_known_label_that_looks_the_same() -> None:
    assert match_label(COMPOSED, ["cat", DECOMPOSED]) == DECOMPOSED
    assert match_label(DECOMPOSED, ["cat", COMPOSED]) == COMPOSED


def test_what_is_typed_and_unknown_is_composed() -> None:
    assert match_label(DECOMPOSED, ["cat"]) == COMPOSED
