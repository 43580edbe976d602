"""The servers that speak the AutoML API: the built-in service, Google's own, and any other of its kind."""

from dataclasses import dataclass, replace

from lib.clients.channels import OpenChannel, google_channels, plain_channels
from lib.clients.credentials import Identity, Nobody
from lib.clients.messages import Asked
from lib.clients.projects import Projects, fixed_projects
from lib.providers.google_hosts import AUTOML_HOSTS, OWN_REGION

BUILT_IN, AUTOML = "built-in", "automl"
_AT_GOOGLE = Asked(
    "AutoML",
    "automl.googleapis.com",
    "roles/automl.viewer and roles/automl.predictor (to deploy, roles/automl.editor)",
    "Google shut AutoML's image models down in 2024; those that were moved live in Vertex AI now.",
)


@dataclass(frozen=True, slots=True)
class AutomlServer:
    """A server, or one for each region: `name` is what versions say of where they are served, `asked` what sentences
    say. `expires` is true where models live for two years.
    """

    name: str
    asked: Asked
    open_channel: OpenChannel
    identity: Identity
    projects: Projects
    regions: tuple[str, ...]
    expires: bool


def built_in_server(target: str) -> AutomlServer:
    """The built-in service at `target` (host:port or unix:/path). It is asked about one project alone."""
    return AutomlServer(
        BUILT_IN,
        Asked("the built-in service"),
        plain_channels(target),
        Nobody(),
        fixed_projects(["second-look"]),
        (*AUTOML_HOSTS, OWN_REGION),
        expires=False,
    )


def google_server(identity: Identity, projects: Projects) -> AutomlServer:
    """Google's own, in both of its regions."""
    return AutomlServer(
        AUTOML, _AT_GOOGLE, google_channels(identity), identity, projects, tuple(AUTOML_HOSTS), expires=True
    )


def other_server(target: str, projects: Projects) -> AutomlServer:
    """A server of somebody's own at `target` (host:port), in AutoML's place: asked in plain text, as an emulator."""
    return AutomlServer(
        AUTOML,
        replace(_AT_GOOGLE, service=f"the AutoML server at {target}", afterword=""),
        plain_channels(target),
        Nobody(),
        projects,
        (*AUTOML_HOSTS, OWN_REGION),
        expires=True,
    )
