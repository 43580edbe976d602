"""Google Cloud projects: which exist, and which may be used."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from threading import Lock

from google.cloud import resourcemanager_v3
from google.cloud.resourcemanager_v3.services.projects.transports import ProjectsGrpcTransport

from lib.domain.predictions import ModelVersion
from lib.errors import InvalidName, ModelGone, ServiceRefused, WrongRegion
from lib.providers.credentials import Identity
from lib.providers.error_translation import ErrorTerms
from lib.providers.guarded_requests import RESOURCE_MANAGER_HOST, open_google_channel
from lib.providers.resource_names import Location, ResourceName, check_project, is_number
from lib.providers.retries import RetryPolicy


class AllowedProjects:
    """The projects in `listed` or, if that is empty, all projects. Thread-safe."""

    def __init__(self, listed: Sequence[str] = ()) -> None:
        self._listed = frozenset(listed)
        self._lock = Lock()
        self._numbers: set[str] = set()

    def check(self, project: str) -> None:
        """Raise InvalidName if the project may not be used."""
        check_project(project)
        with self._lock:
            allowed = not self._listed or project in self._listed or project in self._numbers
        if not allowed:
            raise InvalidName("This server's settings do not list this project. Choose a project in the sidebar.")

    def learn_number(self, requested: Location, returned: Location) -> None:
        """Allow the project number that Google returned for a project that was requested by its id."""
        if is_number(returned.project) and not is_number(requested.project):
            with self._lock:
                self._numbers.add(returned.project)


class AllowedNames:
    """The resource names that may be requested from a provider. `provider` is its name in messages."""

    def __init__(self, provider: str, projects: AllowedProjects, regions: Sequence[str]) -> None:
        self._provider = provider
        self._projects = projects
        self._regions = tuple(regions)

    def get_location(self, project: str, region: str) -> Location:
        """Return the location of a project and region. Raises InvalidName and WrongRegion."""
        self._projects.check(project)
        if region not in self._regions:
            raise WrongRegion(f"{self._capitalized} has no such region. Choose a region in the sidebar.")
        return Location(project, region)

    def get_model(self, version: ModelVersion) -> ResourceName:
        """Return the model of a version, perhaps a stored one. Raises ModelGone, InvalidName, WrongRegion."""
        try:
            model = ResourceName.parse(version.model_name, "models")
        except InvalidName as error:
            raise ModelGone(
                f"The stored name of {version.version} is not a model name, so no request was sent to {self._provider}."
                " Choose another version in the sidebar."
            ) from error
        self.get_location(model.location.project, model.location.region)
        return model

    def read_response_name(self, name: object, collection: str, requested: Location) -> ResourceName:
        """Return a checked name from a response. Raises ServiceRefused unless it lies in the requested location."""
        try:
            found = ResourceName.parse(name, collection)
        except InvalidName as error:
            raise self._refuse() from error
        if not requested.covers(found.location):
            raise self._refuse()
        self._projects.learn_number(requested, found.location)
        return found

    def _refuse(self) -> ServiceRefused:
        return ServiceRefused(
            f"{self._capitalized} returned a resource name from another location, which was not used. Try again, then"
            " report it to the provider."
        )

    @property
    def _capitalized(self) -> str:
        return self._provider[:1].upper() + self._provider[1:]


Connect = Callable[[Identity], resourcemanager_v3.ProjectsClient]

_TERMS = ErrorTerms("Resource Manager", "cloudresourcemanager.googleapis.com", "roles/browser")
_TIMEOUT_S = 20.0
_RETRY_FOR_S = 5.0
_MOST_PROJECTS = 1000


@dataclass(frozen=True, slots=True)
class Projects:
    """Projects to choose from, which `find` returns (it raises ServiceError), and those that may be used."""

    find: Callable[[], list[str]]
    allowed: AllowedProjects


def fixed_projects(projects: Sequence[str]) -> Projects:
    """Return these projects only or, if there are none, any project that a visitor types."""
    return Projects(lambda: list(projects), AllowedProjects(projects))


def connect_to_google(identity: Identity) -> resourcemanager_v3.ProjectsClient:
    """Return a client of Google's Resource Manager. Raises CredentialsMissing."""
    channel = open_google_channel(identity.get(), RESOURCE_MANAGER_HOST)
    return resourcemanager_v3.ProjectsClient(transport=ProjectsGrpcTransport(channel=channel))


def visible_projects(identity: Identity, connect: Connect = connect_to_google) -> Projects:
    """Return the projects that the identity may see; others may be used too: service accounts often see none."""
    retry_policy = RetryPolicy(_TERMS, _RETRY_FOR_S)

    def find() -> list[str]:
        client = connect(identity)
        found = retry_policy.call("the list of projects", lambda: client.search_projects(timeout=_TIMEOUT_S))
        with retry_policy.translate_errors("the list of projects"):
            ids = (project.project_id for project, _ in zip(found, range(_MOST_PROJECTS), strict=False))
            return sorted(ids)

    return Projects(find, AllowedProjects())
