"""The gate's result for programs: one JSON object, and a JUnit XML file."""

import json
import sqlite3
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest

from lib.domain.predictions import Failure
from lib.store import Store
from tests.builders.commands import Ran, run_command_apart
from tests.builders.compared_session import VERSIONS, Row, make_compared_session
from tests.builders.databases import make_database
from tests.builders.pairs import make_true_label
from tests.builders.values import NOON

WORSE, BETTER, SAME = Row(second="dog"), Row(first="dog"), Row()
FAILED = Row(second=Failure("The service did not answer."))
BROKEN = Row(second="dog", name="stop sign.jpg", must_not_regress=True)
CASES = [
    ([BETTER] * 20 + [SAME] * 20, 0, "pass"),
    ([WORSE] * 20 + [SAME] * 20, 1, "fail"),
    ([BETTER] * 20 + [BROKEN], 1, "fail"),
    ([SAME] * 40, 3, "inconclusive"),
    ([FAILED] * 39 + [BETTER], 3, "inconclusive"),
]


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(make_database(tmp_path / "second-look.db"), str(tmp_path / "images"))


def run_gate(folder: Path, session_id: str, *more: str) -> Ran:
    chosen = ("--session", session_id, "--baseline", "v1", "--candidate", "v2")
    return run_command_apart("gate", folder, *chosen, *more)


def unlabel(row: Row) -> Row:
    return replace(row, true_label=None)


def read_json(folder: Path, session_id: str, *more: str) -> dict[str, Any]:
    """The one object on stdout."""
    found: dict[str, Any] = json.loads(run_gate(folder, session_id, "--json", *more).stdout)
    return found


def read_junit(file: Path) -> dict[str, list[str]]:
    """The test cases by name, each with the elements inside."""
    cases = ElementTree.parse(file).getroot().findall("./testsuite/testcase")  # noqa: S314 - our own file
    return {str(case.get("name")): [element.tag for element in case] for case in cases}


@pytest.mark.parametrize(("rows", "code", "name"), CASES)
def test_json_has_the_exit_code_and_its_name(
    store: Store, tmp_path: Path, rows: list[Row], code: int, name: str
) -> None:
    session = make_compared_session(store, rows)

    ran = run_gate(tmp_path, session.id, "--json")
    found = json.loads(ran.stdout)

    assert (ran.code, ran.stderr) == (code, "")
    assert (found["gate"], found["exit_code"]) == (name, code)


def test_json_has_the_numbers_of_the_comparison(store: Store, tmp_path: Path) -> None:
    session = make_compared_session(store, [unlabel(row) for row in [BETTER] * 45 + [WORSE] * 25 + [SAME] * 130])
    # All images were there before the first label: the census is of all disagreements.
    images = [image.sha256 for image in store.images.find(session.id, limit=200)]
    store.annotations.set_true_labels(session.id, images, make_true_label("cat"), "Ada", NOON)

    found = read_json(tmp_path, session.id, "--margin", "0.02")

    counts = ("images", "disagreements", "labeled", "fixes", "regressions", "missing", "failed")
    assert [found[name] for name in counts] == [200, 70, 70, 45, 25, 0, 0]
    assert (found["estimate"], found["sure_bounds"]) == (0.1, {"low": 0.1, "high": 0.1})
    # statsmodels.stats.contingency_tables.mcnemar([[0, 45], [25, 0]], exact=True).pvalue
    assert found["p_values"]["census"] == pytest.approx(0.0225, abs=5e-5)
    assert found["interval"]["low"] < 0.1 < found["interval"]["high"]
    assert (found["verdict"], found["margin"], found["threshold"]) == ("better", 0.02, 0)
    assert found["versions"]["candidate"] == {
        "name": "v2",
        "provider": "built-in",
        "model_name": VERSIONS["v2"].model_name,
        "etag": "1",
    }
    assert found["sentences"][0].startswith("v2 is better: at least ")
    assert found["reason"] == "v2 is better."


def test_json_names_the_regressions_in_the_must_not_regress_set(store: Store, tmp_path: Path) -> None:
    session = make_compared_session(store, [BETTER] * 20 + [BROKEN])

    found = read_json(tmp_path, session.id)

    (regression,) = found["must_not_regress"]["regressions"]
    assert regression == {
        "image": "stop sign.jpg",
        "sha256": store.images.find(session.id, limit=100)[-1].sha256,
        "baseline": "cat",
        "candidate": "dog",
        "true_labels": ["cat"],
    }
    assert found["reason"] == found["sentences"][0]
    assert "stop sign.jpg" in found["reason"]


@pytest.mark.parametrize("rows", [[WORSE] * 20, [FAILED] * 3])
def test_json_omits_estimates_that_are_unknown(store: Store, tmp_path: Path, rows: list[Row]) -> None:
    session = make_compared_session(store, [unlabel(row) for row in rows])

    found = read_json(tmp_path, session.id)

    assert (found["estimate"], found["interval"], found["p_values"]["census"]) == (None, None, None)


def test_json_counts_missing_and_failed_predictions(store: Store, tmp_path: Path) -> None:
    session = make_compared_session(store, [FAILED] * 2 + [Row(second=None)] * 3 + [SAME] * 5)

    found = read_json(tmp_path, session.id)

    assert (found["images"], found["missing"], found["failed"]) == (5, 5, 2)


@pytest.mark.parametrize(
    ("rows", "more", "cases"),
    [
        (
            [BETTER] * 20,
            [],
            {"Must-not-regress set": [], "Predictions are complete": [], "Verdict": []},
        ),
        (
            [WORSE] * 20,
            [],
            {"Must-not-regress set": [], "Predictions are complete": [], "Verdict": ["failure"]},
        ),
        (
            [BETTER] * 20 + [BROKEN, Row(second="dog", name="exit.jpg", must_not_regress=True)],
            [],
            {
                "Must-not-regress set: stop sign.jpg": ["failure"],
                "Must-not-regress set: exit.jpg": ["failure"],
                "Predictions are complete": [],
                "Verdict": [],
            },
        ),
        (
            [BETTER] * 20 + [BROKEN],
            ["--no-must-not-regress"],
            {"Must-not-regress set": ["skipped"], "Predictions are complete": [], "Verdict": []},
        ),
        (
            [FAILED] * 39 + [SAME],
            [],
            {"Must-not-regress set": [], "Predictions are complete": ["error"], "Verdict": ["error"]},
        ),
        (
            [BETTER] * 20 + [SAME] * 90 + [Row(second=None, must_not_regress=True)],
            [],
            {"Must-not-regress set": ["error"], "Predictions are complete": [], "Verdict": []},
        ),
    ],
)
def test_junit_has_a_case_for_each_check_and_no_inconclusive_check_passes(
    store: Store, tmp_path: Path, rows: list[Row], more: list[str], cases: dict[str, list[str]]
) -> None:
    session = make_compared_session(store, rows)

    run_gate(tmp_path, session.id, "--junit", str(tmp_path / "gate.xml"), *more)

    assert read_junit(tmp_path / "gate.xml") == cases


def test_junit_counts_its_cases_and_says_why(store: Store, tmp_path: Path) -> None:
    session = make_compared_session(store, [WORSE] * 20 + [FAILED])

    run_gate(tmp_path, session.id, "--junit", str(tmp_path / "gate.xml"))

    (suite,) = ElementTree.parse(tmp_path / "gate.xml").getroot().findall("testsuite")  # noqa: S314
    assert [suite.get(name) for name in ("tests", "failures", "errors", "skipped")] == ["3", "1", "1", "0"]
    failure, error = suite.find("testcase/failure"), suite.find("testcase/error")
    assert failure is not None
    assert error is not None
    assert failure.get("message") == "v2 is worse than v1."
    assert error.get("message") == "1 of 21 images lack a prediction of one of the versions (1 failed)."


def test_both_files_hold_names_with_any_character(store: Store, tmp_path: Path) -> None:
    name = 'bell \x07 escape \x1b[31m <b> & "quotes" \ufffe ü.jpg'
    session = make_compared_session(store, [BETTER] * 20 + [Row(second="dog", name=name, must_not_regress=True)])

    found = read_json(tmp_path, session.id, "--junit", str(tmp_path / "gate.xml"))

    shown = 'bell \ufffd escape \ufffd[31m <b> & "quotes" \ufffd ü.jpg'
    assert found["must_not_regress"]["regressions"][0]["image"] == name
    assert f"Must-not-regress set: {shown}" in read_junit(tmp_path / "gate.xml")
    assert "\x1b" not in run_gate(tmp_path, session.id).stdout


@pytest.mark.parametrize("file", ["missing/gate.xml", ""])
def test_a_file_that_cannot_be_written_is_reported_before_anything_is_compared(
    store: Store, tmp_path: Path, file: str
) -> None:
    path = tmp_path / file

    ran = run_gate(tmp_path, "no such session", "--json", "--junit", str(path))

    assert (ran.code, ran.stdout) == (2, "")
    assert f"argument --junit: cannot write to '{path}': " in ran.stderr
    assert "There is no session" not in ran.stderr


def test_without_a_result_nothing_is_on_stdout_and_the_file_of_an_earlier_run_is_gone(
    store: Store, tmp_path: Path
) -> None:
    session = make_compared_session(store, [BETTER] * 20)
    file = tmp_path / "gate.xml"
    run_gate(tmp_path, session.id, "--junit", str(file))

    ran = run_gate(tmp_path, "nobody", "--json", "--junit", str(file))

    assert (ran.code, ran.stdout) == (2, "")
    assert read_junit(file) == {"Verdict": ["error"]}


def test_a_defect_leaves_an_error_in_the_file(store: Store, tmp_path: Path) -> None:
    session = make_compared_session(store, [WORSE] * 20)
    store.close()
    with closing(sqlite3.connect(tmp_path / "second-look.db")) as database:
        database.execute("DROP TABLE session_images")

    ran = run_gate(tmp_path, session.id, "--json", "--junit", str(tmp_path / "gate.xml"))

    assert (ran.code, ran.stdout) == (3, "")
    assert read_junit(tmp_path / "gate.xml") == {"Verdict": ["error"]}
