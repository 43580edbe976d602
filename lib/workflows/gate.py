"""The release gate, which pipelines run as `python -m lib gate`: can the candidate replace the baseline?"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum, IntEnum

from lib.domain.predictions import ModelVersion
from lib.errors import UnknownSession, UnknownVersion
from lib.stats.comparison import Verdict
from lib.stats.near_duplicates import Grouping
from lib.store import Store
from lib.workflows.compare import ComparisonSettings, VersionComparison, find_comparisons
from lib.workflows.comparison_texts import (
    describe_blocking_regressions,
    describe_caveats,
    describe_comparison,
    describe_open_must_not_regress,
)


class ExitCode(IntEnum):
    """Exit code of the command."""

    PASS = 0
    FAIL = 1
    USAGE = 2
    INCONCLUSIVE = 3


@dataclass(frozen=True, slots=True)
class GateRules:
    """What stops a release besides the verdict.

    `max_missing` is the share of images that may lack a prediction, 0 to 1: these may be the difficult ones. With
    `must_not_regress`, a regression in the must-not-regress set fails.
    """

    max_missing: float = 0.01
    must_not_regress: bool = True


NEAR_DUPLICATES = tuple(grouping.name.lower() for grouping in Grouping)
"""Ways to find near-duplicates, by appearance first, which is the default."""


@dataclass(frozen=True, slots=True)
class GateRequest:
    """A session and two of its versions, each by short name or model ID.

    `margin` and `threshold` are from 0 to 1; None stands for what the session's review was set up with.
    `near_duplicates`, one of NEAR_DUPLICATES, is how these are found.
    """

    session_id: str
    baseline: str
    candidate: str
    margin: float | None = None
    threshold: float | None = None
    rules: GateRules = GateRules()
    near_duplicates: str = NEAR_DUPLICATES[0]


class CheckKind(Enum):
    """What the gate checks, in the order in which reasons are given. Each value is the name of the check."""

    MUST_NOT_REGRESS = "Must-not-regress set"
    PREDICTIONS = "Predictions are complete"
    VERDICT = "Verdict"


@dataclass(frozen=True, slots=True)
class Check:
    """The outcome of one check, PASS, FAIL or INCONCLUSIVE, and a sentence about it. None: it is switched off."""

    kind: CheckKind
    code: ExitCode | None
    message: str


@dataclass(frozen=True, slots=True)
class GateResult:
    """A comparison with what the gate concludes from it: one check of each kind.

    `failed_images` counts the missing images for which a prediction failed.
    """

    comparison: VersionComparison
    checks: tuple[Check, ...]
    failed_images: int = 0

    @property
    def code(self) -> ExitCode:
        """The exit code: one failed check fails, and otherwise an inconclusive one keeps the gate from passing."""
        codes = {check.code for check in self.checks}
        return next((code for code in (ExitCode.FAIL, ExitCode.INCONCLUSIVE) if code in codes), ExitCode.PASS)

    @property
    def reason(self) -> str:
        """What led to the exit code, in sentences; if the gate passes, the verdict."""
        if self.code is ExitCode.PASS:
            return self.checks[-1].message
        return " ".join(check.message for check in self.checks if check.code is self.code)

    @property
    def sentences(self) -> list[str]:
        """The comparison in sentences: regressions in the must-not-regress set, the verdict, and its caveats."""
        blocking = describe_blocking_regressions(self.comparison)
        first = [blocking] if blocking else []
        return [*first, describe_comparison(self.comparison), *describe_caveats(self.comparison)]


def run_gate(store: Store, request: GateRequest) -> GateResult:
    """Compare the versions and check the result. Raises UnknownSession and UnknownVersion."""
    try:
        session = store.sessions.get(request.session_id)
    except UnknownSession as error:
        raise UnknownSession(f"The database has no session {request.session_id!r}.") from error
    recorded = store.predictions.find_versions(session.id)
    versions = {name: find_version(recorded, name) for name in (request.baseline, request.candidate)}
    if len(set(versions.values())) < 2:
        raise UnknownVersion("Baseline and candidate must differ: both names are of the same version.")
    review = store.reviews.get(session.id)
    settings = ComparisonSettings(
        session.id,
        review.threshold if request.threshold is None else request.threshold,
        review.margin if request.margin is None else request.margin,
        Grouping[request.near_duplicates.upper()],
    )
    (comparison,) = find_comparisons(store, versions, settings)
    failed = {
        image.sha256 for version in versions.values() for image in store.predictions.find_failed(session.id, version)
    }
    checks = check_release(comparison, request.rules, len(failed))
    return GateResult(comparison, checks, len(failed))


def check_release(comparison: VersionComparison, rules: GateRules, failed_images: int = 0) -> tuple[Check, ...]:
    """Return one check of each kind, in their order.

    A worse candidate fails even if predictions are missing; no candidate passes while too many are missing.
    """
    return (
        _check_must_not_regress(comparison, rules),
        _check_predictions(comparison, rules, failed_images),
        _check_verdict(comparison),
    )


def _check_must_not_regress(comparison: VersionComparison, rules: GateRules) -> Check:
    kind = CheckKind.MUST_NOT_REGRESS
    if not rules.must_not_regress:
        return Check(kind, None, "The must-not-regress set is not checked.")
    regressions = describe_blocking_regressions(comparison)
    if regressions:
        return Check(kind, ExitCode.FAIL, regressions)
    unchecked = describe_open_must_not_regress(comparison)
    if unchecked:
        return Check(kind, ExitCode.INCONCLUSIVE, unchecked)
    return Check(kind, ExitCode.PASS, "No must-not-regress image regressed.")


def _check_predictions(comparison: VersionComparison, rules: GateRules, failed_images: int) -> Check:
    missing = comparison.missing_images or 0
    images = len(comparison.pairs) + missing
    is_complete = bool(comparison.pairs) and missing <= rules.max_missing * images
    failed = f" ({failed_images:,} failed)" if failed_images else ""
    message = f"{missing:,} of {images:,} images lack a prediction of one of the versions{failed}."
    return Check(CheckKind.PREDICTIONS, ExitCode.PASS if is_complete else ExitCode.INCONCLUSIVE, message)


def _check_verdict(comparison: VersionComparison) -> Check:
    verdict = comparison.result.verdict
    if verdict is Verdict.WORSE:
        message = f"{comparison.candidate} is worse than {comparison.baseline}."
        return Check(CheckKind.VERDICT, ExitCode.FAIL, message)
    if verdict in _PASSING:
        return Check(CheckKind.VERDICT, ExitCode.PASS, f"{comparison.candidate} is {verdict.value}.")
    return Check(CheckKind.VERDICT, ExitCode.INCONCLUSIVE, _ADVICE[verdict])


_PASSING = {Verdict.BETTER, Verdict.NO_WORSE, Verdict.WORSE_WITHIN_MARGIN}
_ADVICE = {
    Verdict.NOT_ENOUGH_LABELS: "Not enough labels yet. Review more disagreements, in the review order.",
    Verdict.CANNOT_BE_SETTLED: "More labels cannot settle this comparison. Add images, or set a wider --margin.",
    Verdict.NO_DIFFERENCE: "No significant difference: there may still be one. Add images, or set a --margin.",
}


def find_version(versions: Sequence[ModelVersion], name: str) -> ModelVersion:
    """Return the version with this short name or model ID. Raises UnknownVersion if there is none, or more than one."""
    found = [version for version in versions if name in {version.version, version.model_id}]
    if len(found) == 1:
        return found[0]
    known = ", ".join(f"{version.version} ({version.model_id})" for version in versions) or "none"
    what = "more than one version" if found else "no version"
    raise UnknownVersion(f"The session has predictions of {what} called {name!r}. It has these: {known}.")
