"""Checks a provider's connection step by step, from credentials to a prediction, and stops at the first failure."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from lib.domain.images import PreparedImage
from lib.domain.models import ServedVersion
from lib.errors import ServiceError
from lib.providers.base import Provider


@dataclass(frozen=True, slots=True)
class CheckStep:
    """One step: its name, whether it passed, and what was found or what to do."""

    name: str
    passed: bool
    message: str


@dataclass(frozen=True, slots=True)
class CheckTarget:
    """A project and a region of a provider."""

    provider: Provider
    project: str
    region: str


def check(target: CheckTarget, sample: PreparedImage) -> Iterator[CheckStep]:
    """Check credentials, project, region, API, deployment, and a prediction of `sample`."""
    versions: list[ServedVersion] = []
    steps: Sequence[tuple[str, Callable[[], str]]] = (
        ("Credentials", target.provider.describe_identity),
        ("Project", lambda: _check_project(target)),
        ("Region", lambda: _check_region(target)),
        ("API enabled, models listed", lambda: _check_list(target, versions)),
        ("Model deployed", lambda: _check_deployed(versions)),
        ("Prediction", lambda: _check_prediction(target, versions, sample)),
    )
    for name, find in steps:
        try:
            found = find()
        except ServiceError as error:
            yield CheckStep(name, passed=False, message=str(error))
            return
        yield CheckStep(name, passed=True, message=found)


def _check_project(target: CheckTarget) -> str:
    if not target.project:
        raise ServiceError("No project selected. Enter its ID in the sidebar, not its name.")
    target.provider.check_project(target.project)
    try:
        seen = target.provider.find_projects()
    except ServiceError:
        # Many service accounts may not list projects, and can still use their own.
        return f"{target.project}; not confirmed: the credentials have no permission to list projects"
    found = "found" if target.project in seen else "not confirmed: it is not in the list of projects"
    return f"{target.project}; {found}"


def _check_region(target: CheckTarget) -> str:
    regions = target.provider.find_regions()
    if target.region not in regions:
        raise ServiceError(f"The provider has no such region. Choose one of {', '.join(regions)}.")
    return target.region


def _check_list(target: CheckTarget, versions: list[ServedVersion]) -> str:
    versions += target.provider.find_versions(target.project, target.region)
    if not versions:
        raise ServiceError(
            f"{target.project} has no image classification model in {target.region}. Choose another region in the"
            " sidebar, or train a model."
        )
    return f"{len(versions)} versions"


def _check_deployed(versions: Sequence[ServedVersion]) -> str:
    deployed = [served.version.version for served in versions if served.version.deployed]
    if not deployed:
        raise ServiceError("No version is deployed. Deploy one on the Models page.")
    return f"{len(deployed)} of {len(versions)}"


def _check_prediction(target: CheckTarget, versions: Sequence[ServedVersion], sample: PreparedImage) -> str:
    version = next(served.version for served in versions if served.version.deployed)
    top = target.provider.predict(version, sample).top
    label = f"{top.label} {top.value:.2f}" if top else "no label"
    return f"{version.family} {version.version} predicts for a sample: {label}"
