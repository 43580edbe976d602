"""The gate that stops a release, run as a pipeline runs it."""

import sqlite3
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from lib.domain.pairs import Pair, VersionPair
from lib.domain.predictions import Failure
from lib.stats.comparison import Verdict, compare
from lib.store import Store
from lib.workflows.compare import VersionComparison
from lib.workflows.gate import decide
from tests.builders.commands import run_command
from tests.builders.compared_session import Row, make_compared_session
from tests.builders.databases import make_database
from tests.builders.pairs import make_pair, make_pairs
from tests.builders.values import NOON, make_prepared_image, make_record, make_version

WORSE, BETTER, SAME = Row(second="dog"), Row(first="dog"), Row()
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
    assert text.startswith("v2 is worse: at least -")
    assert "v2 is worse than v1." in text
    assert "v1 is right on 100.0% of images like these" in text


def run_decide(
    pairs: list[Pair], *, margin: float = 0.02, missing: int = 0, max_missing: float = 0.01
) -> tuple[int, str]:
    """Exit code and reason for images that both versions predicted, and `missing` others."""
    version_pair = VersionPair("session", make_version("v1"), make_version("v2"))
    comparison = VersionComparison("v1", "v2", version_pair, pairs, compare(pairs, margin=margin), missing)
    return decide(comparison, max_missing)


@pytest.mark.parametrize(
    ("pairs", "reason"),
    [
        (make_pairs(both_right=20, fixes=20), "v2 is better."),
        (make_pairs(both_right=300), "v2 is no worse than the margin allows."),
        # Exact McNemar: p = 0.004; the interval ends above -2 points.
        (make_pairs(both_right=1191, regressions=9), "v2 is worse, but within the margin."),
    ],
)
def test_better_no_worse_and_worse_within_the_margin_pass(pairs: list[Pair], reason: str) -> None:
    assert run_decide(pairs) == (0, reason)


@pytest.mark.parametrize("margin", [0.0, 0.02, 0.1])
@pytest.mark.parametrize("missing", [0, 60, 10_000])
def test_a_candidate_that_may_be_worse_than_the_margin_fails_whatever_is_missing(margin: float, missing: int) -> None:
    # 6 of 60: the estimate is 10 points worse, and the interval reaches beyond that.
    pairs = make_pairs(both_right=54, regressions=6)

    assert run_decide(pairs, margin=margin, missing=missing) == (1, "v2 is worse than v1.")


@pytest.mark.parametrize(
    ("pairs", "missing", "reason"),
    [
        ([make_pair(true_label=None)] * 40, 0, "No difference seen"),
        (make_pairs(both_right=20, regressions=1), 0, "No difference seen"),
        (make_pairs(both_right=1), 0, "No difference seen"),
        (make_pairs(both_right=40), 0, "No difference seen"),
        (make_pairs(both_wrong=40), 0, "No difference seen"),
        (make_pairs(both_right=1), 39, "39 of 40 images lack a prediction"),
        ([], 40, "40 of 40 images lack a prediction"),
        ([], 0, "0 of 0 images lack a prediction"),
        (make_pairs(both_right=300), 4, "4 of 304 images lack a prediction"),
        (make_pairs(both_right=20, fixes=20), 20, "20 of 60 images lack a prediction"),
        (make_pairs(both_right=1191, regressions=9), 50, "50 of 1,250 images lack a prediction"),
    ],
)
def test_no_ground_truth_no_prediction_and_not_enough_evidence_are_inconclusive(
    pairs: list[Pair], missing: int, reason: str
) -> None:
    code, text = run_decide(pairs, missing=missing)

    assert (code, reason in text) == (3, True)


def test_the_same_predictions_without_a_margin_are_inconclusive() -> None:
    code, text = run_decide(make_pairs(both_right=300), margin=0.0)

    assert (code, "a --margin" in text) == (3, True)


@pytest.mark.parametrize(("max_missing", "code"), [(0.0, 3), (0.01, 0), (0.5, 0)])
def test_the_allowed_share_of_predictions_may_be_missing(max_missing: float, code: int) -> None:
    assert run_decide(make_pairs(both_right=300), missing=3, max_missing=max_missing)[0] == code


@pytest.mark.parametrize("verdict", list(Verdict))
def test_every_verdict_has_an_exit_code(verdict: Verdict) -> None:
    pairs = make_pairs(both_right=20)
    comparison = VersionComparison(
        "v1", "v2", VersionPair(None, make_version("v1"), make_version("v2")), pairs, compare(pairs), None
    )

    code, reason = decide(replace(comparison, result=replace(comparison.result, verdict=verdict)), 0.01)

    passes = {Verdict.BETTER: 0, Verdict.NO_WORSE: 0, Verdict.WORSE_WITHIN_MARGIN: 0, Verdict.WORSE: 1}
    assert (code, reason.endswith(".")) == (passes.get(verdict, 3), True)


@pytest.mark.parametrize(
    ("rows", "arguments", "expected"),
    [
        ([BETTER] * 20 + [SAME] * 20, [], (0, "Gate: pass. v2 is better.")),
        ([SAME] * 60, ["--margin", "0.1"], (0, "v2 is no worse than v1 by more than 10 points.")),
        ([Row(second=FAILED)] * 39 + [SAME], ["--margin", "0.1"], (3, "39 of 40 images lack a prediction")),
        ([Row(second=FAILED)] + [SAME] * 60, ["--margin", "0.1", "--max-missing", "0.02"], (0, "Gate: pass.")),
        ([Row(true_label=None)], [], (3, "No difference seen.")),
    ],
)
def test_the_verdict_is_printed_with_the_result_of_the_gate(
    store: Store, tmp_path: Path, rows: list[Row], arguments: list[str], expected: tuple[int, str]
) -> None:
    session = make_compared_session(store, rows)

    code, text = run_gate(tmp_path, session.id, *arguments)

    assert (code, expected[1] in text) == (expected[0], True)


def test_a_defect_never_says_that_the_candidate_is_worse(store: Store, tmp_path: Path) -> None:
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
        "There is no session at this address. Open one from History, or start a new one.\n",
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
def test_a_version_is_not_compared_with_itself_by_whatever_name(store: Store, tmp_path: Path, candidate: str) -> None:
    session = make_compared_session(store, [SAME] * 3)

    code, text = run_gate(tmp_path, session.id, "--margin", "0.5", candidate=candidate)

    assert (code, "must differ" in text) == (2, True)


def test_the_gate_computes_missing_perceptual_hashes(store: Store, tmp_path: Path) -> None:
    session = make_compared_session(store, [SAME])
    unseen = make_prepared_image(b"unseen")
    store.images.add(session.id, unseen, NOON)
    for name in ("v1", "v2"):
        store.predictions.add(make_record(unseen.image.sha256, session_id=session.id, version=make_version(name)))

    # Its thumbnail is no picture: it stands alone, and stops nobody.
    assert "No difference seen" in run_gate(tmp_path, session.id)[1]
