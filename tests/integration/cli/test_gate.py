"""The gate that stops a release, run as a pipeline runs it."""

import sqlite3
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from lib.domain.pairs import Pair, VersionPair
from lib.domain.predictions import Failure
from lib.domain.reviews import Review
from lib.stats.comparison import Verdict, compare
from lib.store import Store
from lib.workflows.compare import VersionComparison
from lib.workflows.gate import GateResult, GateRules, check_release
from tests.builders.commands import run_command
from tests.builders.compared_session import Row, make_compared_session
from tests.builders.databases import make_database
from tests.builders.pairs import make_pair, make_pairs
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


def run_decide(
    pairs: list[Pair], *, margin: float = 0.02, missing: int = 0, rules: GateRules = RULES
) -> tuple[int, str]:
    """Exit code and reason for images that both versions predicted, and `missing` others."""
    version_pair = VersionPair("session", make_version("v1"), make_version("v2"))
    comparison = VersionComparison("v1", "v2", version_pair, pairs, compare(pairs, margin=margin), missing)
    result = GateResult(comparison, check_release(comparison, rules))
    return result.code, result.reason


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
        ([make_pair(true_label=None)] * 40, 0, "No significant difference"),
        (make_pairs(both_right=20, regressions=1), 0, "No significant difference"),
        (make_pairs(both_right=1), 0, "No significant difference"),
        (make_pairs(both_right=40), 0, "No significant difference"),
        (make_pairs(both_wrong=40), 0, "No significant difference"),
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
    assert run_decide(make_pairs(both_right=300), missing=3, rules=GateRules(max_missing))[0] == code


BROKEN = make_pair("cat", "dog", name="broken", place=999, must_not_regress=True)


@pytest.mark.parametrize(
    "pairs",
    [
        # One regression, and far more fixes.
        [*make_pairs(both_right=20, fixes=20), BROKEN],
        # Its label stands behind one that is missing, and does not count for the verdict.
        [*make_pairs(both_right=300), make_pair("cat", "dog", None), BROKEN],
    ],
)
def test_a_regression_in_the_must_not_regress_set_fails_whatever_the_verdict(pairs: list[Pair]) -> None:
    code, reason = run_decide(pairs)

    assert (code, reason) == (1, "v2 gets 1 must-not-regress image wrong that v1 gets right: broken.jpg.")


def test_a_worse_candidate_fails_with_the_must_not_regress_set_named_first() -> None:
    assert run_decide([*make_pairs(both_right=20, regressions=20), BROKEN]) == (
        1,
        "v2 gets 1 must-not-regress image wrong that v1 gets right: broken.jpg. v2 is worse than v1.",
    )


@pytest.mark.parametrize(
    "image",
    [
        replace(BROKEN, must_not_regress=False),
        make_pair("dog", "cat", must_not_regress=True),
        make_pair("cat", "cat", None, must_not_regress=True),
        make_pair("cat", "dog", None, is_final=True, must_not_regress=True),
        make_pair("cat", "dog", ["cat", "dog"], must_not_regress=True),
    ],
    ids=["outside the set", "a fix", "both the same", "unsure for good", "both acceptable"],
)
def test_what_is_no_regression_in_the_set_does_not_fail(image: Pair) -> None:
    assert run_decide([*make_pairs(both_right=20, fixes=20), image])[0] == 0


def test_an_image_of_the_set_that_may_still_regress_is_inconclusive() -> None:
    pairs = [*make_pairs(both_right=20, fixes=20), make_pair("cat", "dog", None, place=999, must_not_regress=True)]

    assert run_decide(pairs) == (
        3,
        "Not checked yet: 1 must-not-regress image without a label or without predictions of both versions.",
    )


def test_the_must_not_regress_set_can_be_left_out() -> None:
    pairs = [*make_pairs(both_right=20, fixes=20), BROKEN]

    assert run_decide(pairs, rules=GateRules(must_not_regress=False)) == (0, "v2 is better.")


@pytest.mark.parametrize("verdict", list(Verdict))
def test_every_verdict_has_an_exit_code(verdict: Verdict) -> None:
    pairs = make_pairs(both_right=20)
    comparison = VersionComparison(
        "v1", "v2", VersionPair(None, make_version("v1"), make_version("v2")), pairs, compare(pairs), None
    )

    concluded = replace(comparison, result=replace(comparison.result, verdict=verdict))

    result = GateResult(concluded, check_release(concluded, RULES))

    passes = {Verdict.BETTER: 0, Verdict.NO_WORSE: 0, Verdict.WORSE_WITHIN_MARGIN: 0, Verdict.WORSE: 1}
    assert (result.code, result.reason.endswith(".")) == (passes.get(verdict, 3), True)


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
def test_a_better_candidate_that_breaks_an_image_of_the_must_not_regress_set_is_stopped(
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
def test_a_session_of_which_39_of_40_predictions_failed_is_inconclusive(store: Store, tmp_path: Path, row: Row) -> None:
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
def test_another_margin_or_threshold_counts_and_is_said_to_be_chosen_later(
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
def test_a_version_is_not_compared_with_itself_by_whatever_name(store: Store, tmp_path: Path, candidate: str) -> None:
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
