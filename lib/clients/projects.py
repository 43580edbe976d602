"""The projects that may be asked about, and those that one may see, from Google's Resource Manager."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from google.cloud import resourcemanager_v3
from google.cloud.resourcemanager_v3.services.projects.transports import ProjectsGrpcTransport

from lib.clients.asking import Asking
from lib.clients.credentials import Identity
from lib.clients.messages import Asked
from lib.providers.allowed_names import AllowedProjects
from lib.providers.google_hosts import RESOURCE_MANAGER_HOST
from lib.providers.guarded_requests import open_google_channel

Connect = Callable[[Identity], resourcemanager_v3.ProjectsClient]

_ASKED = Asked("Resource Manager", "cloudresourcemanager.googleapis.com", "roles/browser")
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
    asking = Asking(_ASKED, _RETRY_FOR_S)

    def find() -> list[str]:
        client = connect(identity)
        found = asking.ask("its projects", lambda: client.search_projects(timeout=_WITHIN_S))
        with asking.translated("its projects"):
            ids = (project.project_id for project, _ in zip(found, range(_MOST), strict=False))
            return sorted(ids)

    return Projects(find, AllowedProjects())
