"""Exported files, read back with common tools."""

import csv
import io
import json
from collections.abc import Iterator

import pytest
from google.cloud import automl_v1
from google.protobuf import json_format
from hypothesis import given
from hypothesis import strategies as st

from lib.domain.predictions import Failure
from lib.store import Store
from lib.workflows.exports.csv_file import escape_formulas, read_back, write_csv
from lib.workflows.exports.json_lines import write_json_lines
from lib.workflows.exports.rows import Selection
from tests.builders.compared_session import VERSIONS, Row, make_compared_session

ROWS = [
    Row(name="fixed.jpg", first="dog", second="cat"),
    Row(name="failed.jpg", second=Failure("It was busy."), true_label=None),
    Row(name="never.jpg", first=None, second=None, true_label=None),
]


def select(store: Store, rows: list[Row], threshold: float = 0.0) -> Selection:
    return Selection(make_compared_session(store, rows), VERSIONS, threshold)


def read_csv(pieces: Iterator[bytes]) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(b"".join(pieces).decode("utf-8-sig"), newline="")))


def test_csv_has_a_row_for_each_image_and_version(store: Store) -> None:
    rows = read_csv(write_csv(store, select(store, ROWS), lambda _: None))

    shown = [(row["image"], row["version"], row["top_label"], row["error"], row["correct"]) for row in rows]
    assert shown == [
        ("fixed.jpg", "v1", "dog", "", "no"),
        ("fixed.jpg", "v2", "cat", "", "yes"),
        ("failed.jpg", "v1", "cat", "", ""),
        ("failed.jpg", "v2", "", "It was busy.", ""),
        ("never.jpg", None, None, None, None),
    ]
    assert rows[0] | {"top_score": "0.75", "latency_ms": "125.0", "requested_at": "2026-11-23T12:00:00Z"} == rows[0]
    assert rows[0]["model_name"] == VERSIONS["v1"].model_name


def test_csv_opens_correctly_in_a_spreadsheet(store: Store) -> None:
    content = b"".join(write_csv(store, select(store, ROWS), lambda _: None))

    assert content.startswith(b'\xef\xbb\xbf"image","sha256",')
    assert content.count(b"\r\n") == content.count(b"\n") == 6


@pytest.mark.parametrize(
    "text",
    [
        *("=1+1", "+1", "-1", "@SUM(A1)", "  =1", "=cmd|' /C calc'!A0", "-2+3+cmd|' /C calc'!A0"),
        *("\u00a0=1", "\ufeff=1", "\u200b=1", "\u2060@A1", "\u3164-1", "\U000e0041=1", '"=1'),
        *("\uff1d1", "\uff0b1", "\uff0d1", "\uff20A1", "\ufeff \uff1d1", "\tcat", "\u00a0\r\ncat"),
    ],
)
def test_a_cell_that_looks_like_a_formula_is_escaped(store: Store, text: str) -> None:
    rows = read_csv(write_csv(store, select(store, [Row(name=text, true_label=text)]), lambda _: None))

    assert {row["image"] for row in rows} == {f"'{text}"}
    assert {row["true_label"] for row in rows} == {f"'{text}"}


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("a;=1+1", "a;'=1+1"),
        ("cat, -dog", "cat,' -dog"),
        ("\x00=1", "'\x00=1"),
        ("one\n=two", "one\n'=two"),
        ("=1;\u00a0=2\t@3", "'=1;'\u00a0=2\t'@3"),
        ('a;"=1"', """a;'"=1\""""),
    ],
)
def test_a_formula_after_any_cell_separator_is_escaped(text: str, written: str) -> None:
    assert escape_formulas(text) == written


@pytest.mark.parametrize("text", ["'=1", "''=1", "a;'=1", "=1", "it's", "'\t", "\t\t=", ",=", ""])
def test_escaped_cells_round_trip(text: str) -> None:
    assert read_back(escape_formulas(text)) == text


_TRICKY = st.text(alphabet=st.sampled_from("=+-@＝－;,|\t\r\n \u00a0\ufeff\u200b'\"a1"), max_size=12)


@given(_TRICKY | st.text())
def test_any_text_round_trips(words: str) -> None:
    assert read_back(escape_formulas(words)) == words


@given(_TRICKY, st.sampled_from(",;|\t\r\n"))
def test_no_part_of_any_text_is_a_formula_wherever_it_is_parted(words: str, separator: str) -> None:
    for part in escape_formulas(words).split(separator):
        seen = part.lstrip('"' + "".join(mark for mark in part if mark.isspace() or not mark.isprintable()))
        assert not seen.startswith(tuple("=+-@＝＋－＠"))


def test_numbers_are_unquoted_and_texts_are_quoted(store: Store) -> None:
    content = b"".join(write_csv(store, select(store, [Row(name="a.jpg")]), lambda _: None))

    assert content.splitlines()[1].startswith(b'"a.jpg","')
    assert b",0.75,125.0," in content


@pytest.mark.parametrize("text", ["cat.jpg", "", "a=b", "1-2", 'say "hi", twice\nover'])
def test_other_cells_are_unchanged(text: str) -> None:
    assert escape_formulas(text) == text


def test_a_label_below_the_threshold_is_no_label_in_csv(store: Store) -> None:
    first, _ = read_csv(write_csv(store, select(store, [Row(score=0.6)], threshold=0.7), lambda _: None))

    assert (first["top_label"], first["top_score"], first["correct"]) == ("", "0.6", "no")


def test_json_lines_have_the_shape_of_automls_batch_predictions(store: Store) -> None:
    selection = select(store, ROWS)
    images = {image.name: image.sha256 for image in store.images.find(selection.session.id)}

    lines = [json.loads(line) for line in b"".join(write_json_lines(store, selection, lambda _: None)).splitlines()]

    assert [(line["ID"], line["version"]) for line in lines] == [
        (images["fixed.jpg"], "v1"),
        (images["fixed.jpg"], "v2"),
        (images["failed.jpg"], "v1"),
        (images["failed.jpg"], "v2"),
    ]
    # Google's own message takes each annotation, and refuses fields that it does not know.
    first = [json_format.ParseDict(found, automl_v1.AnnotationPayload.pb()()) for found in lines[0]["annotations"]]
    assert [(found.display_name, found.classification.score) for found in first] == [("dog", 0.75), ("cat", 0.25)]
    assert lines[3]["status"] == {"code": 2, "message": "It was busy."}
    assert (lines[0]["true_labels"], lines[0]["name"]) == (["cat"], "fixed.jpg")


def test_both_formats_mark_must_not_regress_images(store: Store) -> None:
    rows = [Row(name="golden.jpg", must_not_regress=True), Row(name="other.jpg")]
    selection = select(store, [*rows, Row(name="never.jpg", first=None, second=None, must_not_regress=True)])

    table = read_csv(write_csv(store, selection, lambda _: None))
    lines = [json.loads(line) for line in b"".join(write_json_lines(store, selection, lambda _: None)).splitlines()]

    assert {row["image"]: row["must_not_regress"] for row in table} == {
        "golden.jpg": "yes",
        "other.jpg": "no",
        "never.jpg": "yes",
    }
    assert {line["name"]: line["must_not_regress"] for line in lines} == {"golden.jpg": True, "other.jpg": False}


def test_unusual_characters_in_names_never_break_a_line(store: Store) -> None:
    selection = select(store, [Row(name='two\nlines, "quoted" \u2028 ü.jpg', true_label="ü")])

    (table, _) = read_csv(write_csv(store, selection, lambda _: None))
    lines = b"".join(write_json_lines(store, selection, lambda _: None)).decode().split("\n")

    assert table["image"] == json.loads(lines[0])["name"] == 'two\nlines, "quoted" \u2028 ü.jpg'
    assert len(lines) == 3


def test_exports_in_several_batches_are_complete_and_report_progress(store: Store) -> None:
    told: list[int] = []

    rows = read_csv(write_csv(store, select(store, [Row()] * 450), told.append))

    assert (len(rows), told) == (900, [200, 400, 450])


def test_the_csv_of_an_empty_session_has_only_a_header(store: Store) -> None:
    assert read_csv(write_csv(store, select(store, []), lambda _: None)) == []
    assert b"".join(write_json_lines(store, select(store, []), lambda _: None)) == b""
