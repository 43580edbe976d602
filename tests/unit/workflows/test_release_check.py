"""Which comparisons pass the gate, and why others do not."""

from dataclasses import replace

import pytest

from lib.domain.pairs import Pair, VersionPair
from lib.stats.comparison import Verdict, compare
from lib.workflows.compare import VersionComparison
from lib.workflows.gate import GateResult, GateRules, check_release
from tests.builders.pairs import make_pair, make_pairs
from tests.builders.values import make_version

RULES = GateRules()


def check(pairs: list[Pair], *, margin: float = 0.02, missing: int = 0, rules: GateRules = RULES) -> tuple[int, str]:
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
    assert check(pairs) == (0, reason)


@pytest.mark.parametrize("margin", [0.0, 0.02, 0.1])
@pytest.mark.parametrize("missing", [0, 60, 10_000])
def test_a_worse_candidate_fails_even_if_predictions_are_missing(margin: float, missing: int) -> None:
    # 6 of 60: the estimate is 10 points worse, and the interval reaches beyond that.
    pairs = make_pairs(both_right=54, regressions=6)

    assert check(pairs, margin=margin, missing=missing) == (1, "v2 is worse than v1.")


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
def test_missing_labels_missing_predictions_and_too_little_evidence_are_inconclusive(
    pairs: list[Pair], missing: int, reason: str
) -> None:
    code, text = check(pairs, missing=missing)

    assert (code, reason in text) == (3, True)


def test_the_same_predictions_without_a_margin_are_inconclusive() -> None:
    code, text = check(make_pairs(both_right=300), margin=0.0)

    assert (code, "a --margin" in text) == (3, True)


@pytest.mark.parametrize(("max_missing", "code"), [(0.0, 3), (0.01, 0), (0.5, 0)])
def test_predictions_may_be_missing_up_to_the_allowed_share(max_missing: float, code: int) -> None:
    assert check(make_pairs(both_right=300), missing=3, rules=GateRules(max_missing))[0] == code


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
def test_a_regression_in_the_must_not_regress_set_fails_with_any_verdict(pairs: list[Pair]) -> None:
    code, reason = check(pairs)

    assert (code, reason) == (1, "v2 gets 1 must-not-regress image wrong that v1 gets right: broken.jpg.")


def test_a_worse_candidate_fails_with_the_must_not_regress_set_named_first() -> None:
    assert check([*make_pairs(both_right=20, regressions=20), BROKEN]) == (
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
def test_other_images_of_the_set_do_not_fail(image: Pair) -> None:
    assert check([*make_pairs(both_right=20, fixes=20), image])[0] == 0


def test_an_image_of_the_set_that_may_still_regress_is_inconclusive() -> None:
    pairs = [*make_pairs(both_right=20, fixes=20), make_pair("cat", "dog", None, place=999, must_not_regress=True)]

    assert check(pairs) == (
        3,
        "Not checked yet: 1 must-not-regress image without a label or without predictions of both versions.",
    )


def test_the_must_not_regress_set_can_be_left_out() -> None:
    pairs = [*make_pairs(both_right=20, fixes=20), BROKEN]

    assert check(pairs, rules=GateRules(must_not_regress=False)) == (0, "v2 is better.")


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
