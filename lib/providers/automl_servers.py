"""AutoML servers: which there are, and the gRPC channels to them."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cache

import grpc

from lib.errors import WrongRegion
from lib.providers.credentials import Identity, NoCredentials
from lib.providers.error_translation import FailedCall
from lib.providers.guarded_requests import AUTOML_HOSTS, OWN_REGION, open_google_channel
from lib.providers.projects import Projects, fixed_projects

OpenChannel = Callable[[str], grpc.Channel]
"""Gives the connection on which a region's server answers, always the same one for the same region."""

# An image of 30 MB is far above gRPC's own limit of 4 MiB, and a service that was started again should be found at
# the next try.
_OPTIONS = [
    ("grpc.initial_reconnect_backoff_ms", 100),
    ("grpc.min_reconnect_backoff_ms", 100),
    ("grpc.max_reconnect_backoff_ms", 1000),
    ("grpc.max_send_message_length", -1),
    ("grpc.max_receive_message_length", -1),
]
# No proxy of the environment may stand between the app and a server of our own.
_NO_PROXY = ("grpc.enable_http_proxy", 0)


def plain_channels(target: str) -> OpenChannel:
    """One connection for all regions, to `target` (host:port or unix:/path), without encryption and credentials."""

    @cache
    def open_once() -> grpc.Channel:
        return grpc.insecure_channel(target, options=[_NO_PROXY, *_OPTIONS])

    return lambda _: open_once()


def google_channels(identity: Identity) -> OpenChannel:
    """A connection for each region of AutoML at Google. Opening raises CredentialsMissing or WrongRegion."""

    @cache
    def open_at(host: str) -> grpc.Channel:
        return open_google_channel(identity.get(), host, _OPTIONS)

    def open_for(region: str) -> grpc.Channel:
        if region not in AUTOML_HOSTS:
            raise WrongRegion(f"AutoML has no region of this name. Choose one of {' and '.join(AUTOML_HOSTS)}.")
        return open_at(AUTOML_HOSTS[region])

    return open_for


BUILT_IN, AUTOML = "built-in", "automl"
_AT_GOOGLE = FailedCall(
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
    asked: FailedCall
    open_channel: OpenChannel
    identity: Identity
    projects: Projects
    regions: tuple[str, ...]
    expires: bool


def built_in_server(target: str) -> AutomlServer:
    """The built-in service at `target` (host:port or unix:/path). It is asked about one project alone."""
    return AutomlServer(
        BUILT_IN,
        FailedCall("the built-in service"),
        plain_channels(target),
        NoCredentials(),
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
        replace(_AT_GOOGLE, provider=f"the AutoML server at {target}", afterword=""),
        plain_channels(target),
        NoCredentials(),
        projects,
        (*AUTOML_HOSTS, OWN_REGION),
        expires=True,
    )
