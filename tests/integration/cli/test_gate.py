"""The gate that stops a release, run as a pipeline runs it."""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from lib.domain.predictions import Failure
from lib.domain.reviews import Review
from lib.store import Store
from lib.workflows.gate import GateRules
from tests.builders.commands import run_command
from tests.builders.compared_session import Row, make_compared_session
from tests.builders.databases import make_database
from tests.builders.values import NOON, make_prepared_image, make_record, make_version

WORSE, BETTER, SAME = Row(second="dog"), Row(first="dog"), Row()
RULES = GateRules()
FAILED = Failure("The service did not answer.")


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(make_database(tmp_path / "second-look.db"), str(tmp_path / "images"))


def run_gate(folder: Path, session_id: str, *more: str, baseline: str = "v1", candidate: str = "v2") -> tuple[int, str]:
    """Exit code, and all that was printed."""
    chosen = ("--session", session_id, "--baseline", baseline, "--candidate", candidate)
    return run_command("gate", folder, *chosen, *more)


def test_a_worse_candidate_stops_the_release(store: Store, tmp_path: Path) -> None:
    session = make_compared_session(store, [WORSE] * 20 + [SAME] * 20)

    code, text = run_gate(tmp_path, session.id, "--margin", "0.02")

    assert code == 1
    assert text.startswith("v2 is worse: at least ")
    assert "v2 is worse than v1." in text
    assert "v1 is right on 100.0% of images like these" in text


@pytest.mark.parametrize(
    ("rows", "arguments", "expected"),
    [
        ([BETTER] * 20 + [SAME] * 20, [], (0, "Gate: pass. v2 is better.")),
        ([SAME] * 60, ["--margin", "0.1"], (0, "v2 is no worse than v1, within a margin of 10 points.")),
        ([Row(second=FAILED)] * 39 + [SAME], ["--margin", "0.1"], (3, "39 of 40 images lack a prediction")),
        ([Row(second=FAILED)] + [SAME] * 60, ["--margin", "0.1", "--max-missing", "0.02"], (0, "Gate: pass.")),
        ([Row(true_label=None)], [], (3, "No significant difference.")),
    ],
)
def test_the_verdict_is_printed_with_the_result_of_the_gate(
    store: Store, tmp_path: Path, rows: list[Row], arguments: list[str], expected: tuple[int, str]
) -> None:
    session = make_compared_session(store, rows)

    code, text = run_gate(tmp_path, session.id, *arguments)

    assert (code, expected[1] in text) == (expected[0], True)


@pytest.mark.parametrize(("more", "expected"), [([], 1), (["--must-not-regress"], 1), (["--no-must-not-regress"], 0)])
def test_a_better_candidate_fails_if_it_breaks_a_must_not_regress_image(
    store: Store, tmp_path: Path, more: list[str], expected: int
) -> None:
    broken = Row(second="dog", name="stop sign.jpg", must_not_regress=True)
    session = make_compared_session(store, [BETTER] * 20 + [broken])

    code, text = run_gate(tmp_path, session.id, *more)

    assert code == expected
    assert text.startswith("v2 gets 1 must-not-regress image wrong that v1 gets right: stop sign.jpg.\nv2 is better")


def test_an_image_of_the_must_not_regress_set_without_a_prediction_is_inconclusive(
    store: Store, tmp_path: Path
) -> None:
    session = make_compared_session(store, [BETTER] * 20 + [Row(second=FAILED, must_not_regress=True)])

    code, text = run_gate(tmp_path, session.id, "--max-missing", "0.1")

    assert (code, "Not checked yet: 1 must-not-regress image" in text) == (3, True)


@pytest.mark.parametrize("row", [Row(second=FAILED), Row(first=FAILED), Row(first=FAILED, second=FAILED)])
def test_a_session_with_39_of_40_failed_predictions_is_inconclusive(store: Store, tmp_path: Path, row: Row) -> None:
    session = make_compared_session(store, [row] * 39 + [BETTER])

    code, text = run_gate(tmp_path, session.id, "--margin", "1")

    assert code == 3
    assert "39 of 40 images lack a prediction of one of the versions (39 failed)." in text


def test_margin_and_threshold_are_those_that_the_review_was_set_up_with(store: Store, tmp_path: Path) -> None:
    session = make_compared_session(store, [SAME] * 60)
    store.reviews.change(session.id, Review(margin=0.1, threshold=0.3))

    code, text = run_gate(tmp_path, session.id)

    assert (code, "v2 is no worse than v1, within a margin of 10 points." in text) == (0, True)
    assert "not corrected" not in text


@pytest.mark.parametrize(
    ("chosen", "sentence"),
    [
        (["--margin", "0.1"], "A margin of 10 points was chosen after the review was set up with 2 points."),
        (["--threshold", "0.5"], "A score threshold of 0.50 was chosen after the review was set up with 0.30."),
    ],
)
def test_another_margin_or_threshold_is_reported_as_chosen_later(
    store: Store, tmp_path: Path, chosen: list[str], sentence: str
) -> None:
    session = make_compared_session(store, [SAME] * 60)
    store.reviews.change(session.id, Review(margin=0.02, threshold=0.3))

    _, text = run_gate(tmp_path, session.id, *chosen)

    assert f"{sentence} The verdict is not corrected for this choice." in text


def test_the_margin_of_the_review_can_be_given_again(store: Store, tmp_path: Path) -> None:
    session = make_compared_session(store, [SAME] * 60)
    # What a page makes of 2.3 points is not the float 0.023.
    store.reviews.change(session.id, Review(margin=2.3 / 100))

    assert "not corrected" not in run_gate(tmp_path, session.id, "--margin", "0.023", "--threshold", "0")[1]


def test_a_defect_is_inconclusive_and_not_a_failure(store: Store, tmp_path: Path) -> None:
    session = make_compared_session(store, [WORSE] * 20)
    store.close()
    with closing(sqlite3.connect(tmp_path / "second-look.db")) as database:
        database.execute("DROP TABLE session_images")

    code, text = run_gate(tmp_path, session.id)

    assert (code, "Traceback" in text) == (3, True)


def test_the_help_names_every_exit_code(tmp_path: Path) -> None:
    code, text = run_gate(tmp_path, "any", "--help")

    assert code == 0
    assert all(f"\n    {each}  " in text for each in (0, 1, 2, 3))


def test_an_unknown_session_is_refused(store: Store, tmp_path: Path) -> None:
    assert run_gate(tmp_path, "nobody") == (
        2,
        "The database has no session 'nobody'.\n",
    )


def test_an_unknown_version_is_named_with_the_known_ones(store: Store, tmp_path: Path) -> None:
    session = make_compared_session(store, [SAME])

    code, text = run_gate(tmp_path, session.id, candidate="v9")

    assert code == 2
    assert "no version called 'v9'. It has these: v1 (ICNv1), v2 (ICNv2)." in text


def test_versions_with_the_same_name_are_distinguished_by_their_id(store: Store, tmp_path: Path) -> None:
    session = make_compared_session(store, [SAME])
    (image,) = store.images.find(session.id)
    twin = make_version("v2", etag="other", family="fish")
    store.predictions.add(make_record(image.sha256, session_id=session.id, version=twin))

    code, text = run_gate(tmp_path, session.id)

    assert code == 2
    assert "more than one version called 'v2'" in text


@pytest.mark.parametrize(
    "wrong",
    [["--margin", "2"], ["--margin", "nan"], ["--margin", "two"], ["--threshold", "-1"], ["--max-missing", "2"]],
)
def test_a_wrong_argument_is_reported(store: Store, tmp_path: Path, wrong: list[str]) -> None:
    code, text = run_gate(tmp_path, "any", *wrong)

    assert code == 2
    assert wrong[0] in text


@pytest.mark.parametrize("candidate", ["v1", make_version("v1").model_id])
def test_a_version_is_not_compared_with_itself(store: Store, tmp_path: Path, candidate: str) -> None:
    session = make_compared_session(store, [SAME] * 3)

    code, text = run_gate(tmp_path, session.id, "--margin", "0.5", candidate=candidate)

    assert (code, "must differ" in text) == (2, True)


def test_the_gate_computes_missing_appearances(store: Store, tmp_path: Path) -> None:
    session = make_compared_session(store, [SAME])
    unseen = make_prepared_image(b"unseen")
    store.images.add(session.id, unseen, NOON)
    for name in ("v1", "v2"):
        store.predictions.add(make_record(unseen.image.sha256, session_id=session.id, version=make_version(name)))

    # Its thumbnail is no picture: it stands alone, and stops nobody.
    assert "No significant difference" in run_gate(tmp_path, session.id)[1]
