"""Labels of a model: normalized, with notices for those that look wrong."""

from pathlib import Path

import pytest

from lib.errors import UnservableModel
from lib.serving.models.labels import clean_labels, find_notices, read_labels
from tests.builders.checked_exports import read_export
from tests.builders.exports import NetworkPlan, make_export

# é as one character, and as e with an accent after it: https://www.unicode.org/reports/tr15/
COMPOSED, DECOMPOSED = "tourn\u00e9", "tourne\u0301"


def find_notices_of(*lines: str) -> list[str]:
    return list(find_notices(read_labels("\n".join(lines).encode())))


def test_labels_are_normalized_to_composed_unicode() -> None:
    assert read_labels(f"{DECOMPOSED}\nnormal\n".encode()).labels == (COMPOSED, "normal")


def test_versions_whose_labels_differ_only_in_normalization_have_the_same_etag(tmp_path: Path) -> None:
    plan = NetworkPlan(score_count=2)

    first = read_export(make_export(tmp_path / "v1", plan, labels=(COMPOSED, "normal")))
    second = read_export(make_export(tmp_path / "v2", plan, labels=(DECOMPOSED, "normal")))

    assert first.etag == second.etag


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_any_line_ending_separates_labels(end: str) -> None:
    assert read_labels(end.join(["red", "", "green"]).encode()).labels == ("red", "green")


def test_a_tab_within_a_label_becomes_a_space() -> None:
    assert read_labels(b"0\tdaisy\n").labels == ("0 daisy",)


def test_a_duplicate_label_is_reported_with_its_line_numbers() -> None:
    assert find_notices_of("cat", "dog", "cat") == [
        '"cat" is on lines 1 and 3. Only its highest score counts. Give each line its own label.'
    ]


def test_empty_lines_count_toward_line_numbers() -> None:
    assert find_notices_of("", "cat", "", "cat")[0].startswith('"cat" is on lines 2 and 4.')


def test_labels_that_differ_only_in_normalization_are_duplicates() -> None:
    assert "is on lines 1 and 2" in find_notices_of(COMPOSED, DECOMPOSED)[0]


def test_a_long_list_of_duplicate_labels_is_summarized() -> None:
    lines = [f"label {number // 2}" for number in range(20)]

    notices = find_notices_of(*lines)

    assert len(notices) == 4
    assert notices[-1] == "7 more labels are on several lines."


@pytest.mark.parametrize(
    "lines",
    [
        ["0 daisy", "1 rose", "2 tulip"],
        ["1. daisy", "2. rose", "3. tulip"],
        ["0:daisy", "1:rose", "2:tulip"],
        ["0\tdaisy", "1\trose", "2\ttulip"],
        ["0_daisy", "1_rose", "2_tulip"],
        ["0-daisy", "1-rose", "2-tulip"],
        ["0. daisy", "1. rose", "2. tulip"],
        ["0\u00a0daisy", "1\u00a0rose", "2\u00a0tulip"],
    ],
)
def test_numbers_before_labels_are_reported_and_can_be_removed(lines: list[str]) -> None:
    labels = read_labels("\n".join(lines).encode()).labels

    assert "Labels start with their numbers" in find_notices_of(*lines)[0]
    assert sorted(clean_labels(labels)) == ["daisy", "rose", "tulip"]


@pytest.mark.parametrize(
    "lines",
    [
        ["1 euro", "2 euro", "5 euro"],
        ["7up", "8up"],
        ["0", "1", "2"],
        ["0 daisy", "1 rose", "other"],
        ["1 rose"],
        ["1 star", "2 stars", "3 stars", "4 stars", "5 stars"],
        ["0 cat", "1 cat"],
        ["2 tulip", "0 daisy", "1 rose"],
        ["0.5 liters", "1.5 cups", "2.5 spoons"],
        ["n01440764 tench", "n01443537 goldfish"],
    ],
)
def test_numbers_that_are_part_of_labels_are_not_reported(lines: list[str]) -> None:
    assert find_notices_of(*lines) == []
    assert clean_labels(lines) == tuple(lines)


def test_numbers_in_a_list_sorted_as_text_are_reported() -> None:
    labels = sorted(f"{number} {letter}" for number, letter in enumerate("abcdefghijkl"))

    assert labels[2] == "10 k"
    assert clean_labels(labels) == ("a", "b", "k", "l", "c", "d", "e", "f", "g", "h", "i", "j")


def test_byte_literals_stay_if_cleaning_would_create_a_duplicate() -> None:
    assert find_notices_of("b'cat'", "cat") == []
    assert clean_labels(["b'cat'", "cat"]) == ("b'cat'", "cat")


@pytest.mark.parametrize("blank", ["\u00a0", "\u2009", "\u202f", "\u3000", "\t", "  "])
def test_any_whitespace_becomes_one_space(blank: str) -> None:
    assert read_labels(f"red{blank}car\nbus{blank}\n".encode()).labels == ("red car", "bus")


@pytest.mark.parametrize("invisible", ["\u200b", "\u00ad", "\u2060", "\ufeff", "\u200e"])
def test_labels_that_differ_only_in_invisible_characters_are_rejected(invisible: str) -> None:
    with pytest.raises(UnservableModel, match=f"lines 1 and 3 look the same.* U\\+{ord(invisible):04X}"):
        read_labels(f"car\nbus\nc{invisible}ar\n".encode())


def test_an_invisible_character_is_reported_with_its_line_number() -> None:
    assert find_notices_of("car", "b\u00adus") == [
        "The label on line 2 has the invisible character U+00AD. Remove it from dict.txt."
    ]


@pytest.mark.parametrize(
    "label",
    [
        "\u0645\u06cc\u200c\u062e\u0648\u0627\u0647\u0645",  # Persian: "I want"
        "\U0001f469\u200d\U0001f692",  # a firefighter
    ],
)
def test_joiners_that_scripts_require_are_kept(label: str) -> None:
    found = read_labels(f"{label}\n{label.replace(chr(0x200C), '').replace(chr(0x200D), '')}\n".encode())

    assert found.labels[0] == label
    assert find_notices(found) == ()


def test_labels_written_as_python_byte_literals_are_reported_and_can_be_cleaned() -> None:
    # print(["tourné".encode(), b"it's", b"a\\b"]) in Python 3.
    labels = [r"b'tourn\xc3\xa9'", '''b"it's"''', r"b'a\\b'", r"b'c\td'"]

    assert "Labels are written as Python bytes, such as b'tourn" in find_notices_of(*labels)[0]
    assert clean_labels(labels) == (COMPOSED, "it's", r"a\b", "c d")


def test_byte_literals_that_are_not_text_stay_unchanged() -> None:
    assert clean_labels([r"b'\xff'"]) == (r"b'\xff'",)


def test_the_maximum_number_of_labels_is_accepted() -> None:
    content = "\n".join(f"label {number}" for number in range(100_000)).encode()

    assert len(read_labels(content).labels) == 100_000


@pytest.mark.parametrize("content", [b"a\x00b", b"a\x7fb", "a\u2028b".encode(), "a\u2067b".encode()])
def test_characters_that_cannot_be_displayed_are_rejected_with_their_line_number(content: bytes) -> None:
    with pytest.raises(UnservableModel, match="line 2 has the control character U"):
        read_labels(b"red\n" + content)


def test_right_to_left_text_is_kept() -> None:
    assert read_labels("חתול\nقطة\n".encode()).labels == ("חתול", "قطة")
