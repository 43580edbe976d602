"""Labels of a model: read in one spelling, and told of where they look wrong."""

from pathlib import Path

import pytest

from lib.errors import UnservableModel
from lib.serving.labels import clean_labels, find_notices, read_labels
from tests.serving.checked import read_export
from tests.serving.make_exports import NetworkPlan, make_export

# é as one character, and as e with an accent after it: https://www.unicode.org/reports/tr15/
COMPOSED, DECOMPOSED = "tourn\u00e9", "tourne\u0301"


def find_notices_of(*lines: str) -> list[str]:
    return list(find_notices(read_labels("\n".join(lines).encode())))


def test_labels_are_composed_so_that_versions_agree_on_them() -> None:
    assert read_labels(f"{DECOMPOSED}\nnormal\n".encode()).labels == (COMPOSED, "normal")


def test_versions_whose_labels_differ_in_spelling_alone_have_the_same_etag(tmp_path: Path) -> None:
    plan = NetworkPlan(score_count=2)

    first = read_export(make_export(tmp_path / "v1", plan, labels=(COMPOSED, "normal")))
    second = read_export(make_export(tmp_path / "v2", plan, labels=(DECOMPOSED, "normal")))

    assert first.etag == second.etag


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_lines_end_as_on_any_system(end: str) -> None:
    assert read_labels(end.join(["red", "", "green"]).encode()).labels == ("red", "green")


def test_a_tab_within_a_label_becomes_a_space() -> None:
    assert read_labels(b"0\tdaisy\n").labels == ("0 daisy",)


def test_a_label_on_several_lines_is_told_with_its_lines() -> None:
    assert find_notices_of("cat", "dog", "cat") == [
        '"cat" stands on lines 1 and 3. Only the highest of its scores counts. Give each line its own label.'
    ]


def test_lines_are_counted_as_an_editor_counts_them() -> None:
    assert find_notices_of("", "cat", "", "cat")[0].startswith('"cat" stands on lines 2 and 4.')


def test_labels_that_differ_in_spelling_alone_are_the_same() -> None:
    assert "stands on lines 1 and 2" in find_notices_of(COMPOSED, DECOMPOSED)[0]


def test_many_labels_on_several_lines_are_counted() -> None:
    lines = [f"label {number // 2}" for number in range(20)]

    notices = find_notices_of(*lines)

    assert len(notices) == 4
    assert notices[-1] == "7 more labels stand on several lines."


@pytest.mark.parametrize(
    "lines",
    [
        ["0 daisy", "1 rose", "2 tulip"],
        ["1. daisy", "2. rose", "3. tulip"],
        ["0:daisy", "1:rose", "2:tulip"],
        ["0\tdaisy", "1\trose", "2\ttulip"],
        ["2 tulip", "0 daisy", "1 rose"],
    ],
)
def test_numbers_before_labels_are_told_and_can_be_removed(lines: list[str]) -> None:
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
        ["n01440764 tench", "n01443537 goldfish"],
    ],
)
def test_numbers_that_belong_to_labels_are_left_alone(lines: list[str]) -> None:
    assert find_notices_of(*lines) == []
    assert clean_labels(lines) == tuple(lines)


def test_labels_written_by_python_as_bytes_are_told_and_can_be_cleaned() -> None:
    # print(["tourné".encode(), b"it's", b"a\\b"]) in Python 3.
    labels = [r"b'tourn\xc3\xa9'", '''b"it's"''', r"b'a\\b'", r"b'c\td'"]

    assert "Labels are written as Python bytes, such as b'tourn" in find_notices_of(*labels)[0]
    assert clean_labels(labels) == (COMPOSED, "it's", r"a\b", "c d")


def test_bytes_that_are_no_text_stay_as_they_are() -> None:
    assert clean_labels([r"b'\xff'"]) == (r"b'\xff'",)


def test_the_most_labels_are_taken() -> None:
    content = "\n".join(f"label {number}" for number in range(100_000)).encode()

    assert len(read_labels(content).labels) == 100_000


@pytest.mark.parametrize("content", [b"a\x00b", b"a\x7fb", "a\u2028b".encode(), "a\u2067b".encode()])
def test_characters_that_cannot_be_shown_are_refused_by_line(content: bytes) -> None:
    with pytest.raises(UnservableModel, match="line 2 has the control character U"):
        read_labels(b"red\n" + content)


def test_text_from_right_to_left_is_kept() -> None:
    assert read_labels("חתול\nقطة\n".encode()).labels == ("חתול", "قطة")
