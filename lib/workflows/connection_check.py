"""Goes through all that must be right before a version predicts, step by step, and stops at the first that is not."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from lib.domain.images import PreparedImage
from lib.domain.models import ServedVersion
from lib.errors import ServiceError
from lib.providers.base import Provider


@dataclass(frozen=True, slots=True)
class Step:
    """One step: its name, whether it is right, and what was found, or what to do."""

    name: str
    passed: bool
    words: str


@dataclass(frozen=True, slots=True)
class Place:
    """Where to look: a project and a region of a service."""

    provider: Provider
    project: str
    region: str


def check(place: Place, sample: PreparedImage) -> Iterator[Step]:
    """Credentials, project, region, API and list, deployment, and a prediction of `sample`."""
    versions: list[ServedVersion] = []
    steps: Sequence[tuple[str, Callable[[], str]]] = (
        ("Credentials", place.provider.describe_identity),
        ("Project", lambda: _check_project(place)),
        ("Region", lambda: _check_region(place)),
        ("API is enabled, and models may be listed", lambda: _check_list(place, versions)),
        ("A model is deployed", lambda: _check_deployed(versions)),
        ("Predictions may be asked for", lambda: _check_prediction(place, versions, sample)),
    )
    for name, find in steps:
        try:
            found = find()
        except ServiceError as error:
            yield Step(name, passed=False, words=str(error))
            return
        yield Step(name, passed=True, words=found)


def _check_project(place: Place) -> str:
    if not place.project:
        raise ServiceError("No project is chosen. Type its id in the sidebar: the id, not the name.")
    place.provider.check_project(place.project)
    try:
        seen = place.provider.find_projects()
    except ServiceError:
        # Many service accounts may list no projects, and still use the one they are made for.
        return f"{place.project}; the credentials may not list projects, so this is not sure yet"
    known = "it is among those that can be seen" if place.project in seen else "it was typed, so this is not sure yet"
    return f"{place.project}; {known}"


def _check_region(place: Place) -> str:
    regions = place.provider.find_regions()
    if place.region not in regions:
        raise ServiceError(f"The service does not have this region. Choose one of {', '.join(regions)}.")
    return place.region


def _check_list(place: Place, versions: list[ServedVersion]) -> str:
    versions += place.provider.find_versions(place.project, place.region)
    if not versions:
        raise ServiceError(
            f"The list came, and is empty: {place.project} has no image classification model in {place.region}. Choose"
            " another region in the sidebar, or train a model."
        )
    return f"{len(versions)} versions"


def _check_deployed(versions: Sequence[ServedVersion]) -> str:
    deployed = [served.version.version for served in versions if served.version.deployed]
    if not deployed:
        raise ServiceError("No version is deployed, so none predicts. Press Deploy beside one of them.")
    return f"{len(deployed)} of {len(versions)}"


def _check_prediction(place: Place, versions: Sequence[ServedVersion], sample: PreparedImage) -> str:
    version = next(served.version for served in versions if served.version.deployed)
    top = place.provider.predict(version, sample).top
    said = f"{top.label} {top.value:.2f}" if top else "no label"
    return f"{version.family} {version.version} says of a sample: {said}"
