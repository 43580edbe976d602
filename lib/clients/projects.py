"""The projects that one may see, from Google's Resource Manager."""

from collections.abc import Callable, Sequence

from google.cloud import resourcemanager_v3

from lib.clients.asking import Asking
from lib.clients.credentials import Identity
from lib.clients.messages import Asked

FindProjects = Callable[[], list[str]]
Connect = Callable[[Identity], resourcemanager_v3.ProjectsClient]

_ASKED = Asked("Resource Manager", "cloudresourcemanager.googleapis.com", "roles/browser")
_WITHIN_S = 20.0
_RETRY_FOR_S = 5.0
_MOST = 1000


def fixed_projects(projects: Sequence[str]) -> FindProjects:
    """Always these."""
    return lambda: list(projects)


def connect_to_google(identity: Identity) -> resourcemanager_v3.ProjectsClient:
    """Google's own Resource Manager. Raises CredentialsMissing."""
    return resourcemanager_v3.ProjectsClient(credentials=identity.get())


def visible_projects(identity: Identity, connect: Connect = connect_to_google) -> FindProjects:
    """Those that the identity may see, by id: often none for a service account. Raises ServiceError and its kinds."""
    asking = Asking(_ASKED, _RETRY_FOR_S)

    def find() -> list[str]:
        client = connect(identity)
        found = asking.ask("its projects", lambda: client.search_projects(timeout=_WITHIN_S))
        with asking.translated("its projects"):
            ids = (project.project_id for project, _ in zip(found, range(_MOST), strict=False))
            return sorted(ids)

    return find
