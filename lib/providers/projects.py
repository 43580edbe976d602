"""Google Cloud projects: which there are, and which may be asked about."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from threading import Lock

from google.cloud import resourcemanager_v3
from google.cloud.resourcemanager_v3.services.projects.transports import ProjectsGrpcTransport

from lib.domain.predictions import ModelVersion
from lib.errors import InvalidName, ModelGone, ServiceRefused, WrongRegion
from lib.providers.credentials import Identity
from lib.providers.error_translation import FailedCall
from lib.providers.guarded_requests import RESOURCE_MANAGER_HOST, open_google_channel
from lib.providers.resource_names import Location, ResourceName, check_project, is_number
from lib.providers.retries import RetryPolicy


class AllowedProjects:
    """The projects of `listed` alone; where that names none, every project. Safe to share between threads."""

    def __init__(self, listed: Sequence[str] = ()) -> None:
        self._listed = frozenset(listed)
        self._lock = Lock()
        self._numbers: set[str] = set()

    def check(self, project: str) -> None:
        """Do nothing where the project may be asked about. Raises InvalidName."""
        check_project(project)
        with self._lock:
            allowed = not self._listed or project in self._listed or project in self._numbers
        if not allowed:
            raise InvalidName("This server may not use this project. Choose one of the projects in the sidebar.")

    def learn_number(self, asked: Location, answered: Location) -> None:
        """Allow the number by which Google answers for a project that was asked about by its id."""
        if is_number(answered.project) and not is_number(asked.project):
            with self._lock:
                self._numbers.add(answered.project)


class AllowedNames:
    """The names that a service may be asked about; `provider` is what sentences call it."""

    def __init__(self, provider: str, projects: AllowedProjects, regions: Sequence[str]) -> None:
        self._service = provider
        self._projects = projects
        self._regions = tuple(regions)

    def get_location(self, project: str, region: str) -> Location:
        """The location of a project and a region that somebody chose. Raises InvalidName and WrongRegion."""
        self._projects.check(project)
        if region not in self._regions:
            raise WrongRegion(f"{self._capitalized} has no region of this name. Choose a region in the sidebar.")
        return Location(project, region)

    def get_model(self, version: ModelVersion) -> ResourceName:
        """The model of a version, whose name may come from a stored row. Raises ModelGone, InvalidName, WrongRegion."""
        try:
            model = ResourceName.parse(version.model_name, "models")
        except InvalidName as error:
            raise ModelGone(
                f"{self._capitalized} was not asked for {version.version}: its stored name is not a model's name."
                " Choose another version in the sidebar."
            ) from error
        self.get_location(model.location.project, model.location.region)
        return model

    def read_answer(self, name: object, collection: str, asked: Location) -> ResourceName:
        """A name in an answer, which lies where the service was asked. Raises ServiceRefused for any other."""
        try:
            found = ResourceName.parse(name, collection)
        except InvalidName as error:
            raise self._refuse() from error
        if not asked.covers(found.location):
            raise self._refuse()
        self._projects.learn_number(asked, found.location)
        return found

    def _refuse(self) -> ServiceRefused:
        return ServiceRefused(
            f"{self._capitalized} answered with a name from elsewhere, which was not followed. Try again, then tell"
            " whoever runs that service."
        )

    @property
    def _capitalized(self) -> str:
        return self._service[:1].upper() + self._service[1:]


Connect = Callable[[Identity], resourcemanager_v3.ProjectsClient]

_ASKED = FailedCall("Resource Manager", "cloudresourcemanager.googleapis.com", "roles/browser")
_WITHIN_S = 20.0
_RETRY_FOR_S = 5.0
_MOST = 1000


@dataclass(frozen=True, slots=True)
class Projects:
    """Projects to choose from, which `find` looks for (it raises ServiceError), and those that may be asked about."""

    find: Callable[[], list[str]]
    allowed: AllowedProjects


def fixed_projects(projects: Sequence[str]) -> Projects:
    """These, and no others; where there are none, any that is typed."""
    return Projects(lambda: list(projects), AllowedProjects(projects))


def connect_to_google(identity: Identity) -> resourcemanager_v3.ProjectsClient:
    """Google's own Resource Manager. Raises CredentialsMissing."""
    channel = open_google_channel(identity.get(), RESOURCE_MANAGER_HOST)
    return resourcemanager_v3.ProjectsClient(transport=ProjectsGrpcTransport(channel=channel))


def visible_projects(identity: Identity, connect: Connect = connect_to_google) -> Projects:
    """Those that the identity may see, by id, and any other: often a service account can see none."""
    asking = RetryPolicy(_ASKED, _RETRY_FOR_S)

    def find() -> list[str]:
        client = connect(identity)
        found = asking.ask("its projects", lambda: client.search_projects(timeout=_WITHIN_S))
        with asking.translated("its projects"):
            ids = (project.project_id for project, _ in zip(found, range(_MOST), strict=False))
            return sorted(ids)

    return Projects(find, AllowedProjects())
