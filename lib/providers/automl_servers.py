"""AutoML servers: the built-in service, Google and others, and the gRPC channels to them."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cache

import grpc

from lib.errors import WrongRegion
from lib.providers.credentials import Identity, NoCredentials
from lib.providers.error_translation import ErrorTerms
from lib.providers.guarded_requests import AUTOML_HOSTS, OWN_REGION, open_google_channel
from lib.providers.projects import Projects, fixed_projects

OpenChannel = Callable[[str], grpc.Channel]
"""Returns the channel to a region's server, always the same one for the same region."""

# An image of 30 MB exceeds gRPC's default limit of 4 MiB. The short backoff finds a restarted service on the next try.
_OPTIONS = [
    ("grpc.initial_reconnect_backoff_ms", 100),
    ("grpc.min_reconnect_backoff_ms", 100),
    ("grpc.max_reconnect_backoff_ms", 1000),
    ("grpc.max_send_message_length", -1),
    ("grpc.max_receive_message_length", -1),
]
# Proxies in the environment are for Google, not for a server nearby.
_NO_PROXY = ("grpc.enable_http_proxy", 0)


def plain_channels(target: str) -> OpenChannel:
    """Return one channel for all regions, to `target` (host:port or unix:/path), without encryption or credentials."""

    @cache
    def open_once() -> grpc.Channel:
        return grpc.insecure_channel(target, options=[_NO_PROXY, *_OPTIONS])

    return lambda _: open_once()


def google_channels(identity: Identity) -> OpenChannel:
    """Return a channel for each region of AutoML at Google. Opening raises CredentialsMissing or WrongRegion."""

    @cache
    def open_at(host: str) -> grpc.Channel:
        return open_google_channel(identity.get(), host, _OPTIONS)

    def open_for(region: str) -> grpc.Channel:
        if region not in AUTOML_HOSTS:
            raise WrongRegion(f"AutoML has no region of this name. Choose one of {' and '.join(AUTOML_HOSTS)}.")
        return open_at(AUTOML_HOSTS[region])

    return open_for


BUILT_IN, AUTOML = "built-in", "automl"
_AT_GOOGLE = ErrorTerms(
    "AutoML",
    "automl.googleapis.com",
    "roles/automl.viewer and roles/automl.predictor (to deploy, roles/automl.editor)",
    "Google shut down AutoML image models in 2024. Models that were migrated are in Vertex AI.",
)


@dataclass(frozen=True, slots=True)
class AutomlServer:
    """A server, or one for each region. `name` is the provider in stored versions; `terms` is for error messages.

    `expires`: whether models are deleted after two years.
    """

    name: str
    terms: ErrorTerms
    open_channel: OpenChannel
    identity: Identity
    projects: Projects
    regions: tuple[str, ...]
    expires: bool


def built_in_server(target: str) -> AutomlServer:
    """Return the built-in service at `target` (host:port or unix:/path), with its only project."""
    return AutomlServer(
        BUILT_IN,
        ErrorTerms("the built-in service"),
        plain_channels(target),
        NoCredentials(),
        fixed_projects(["second-look"]),
        (*AUTOML_HOSTS, OWN_REGION),
        expires=False,
    )


def google_server(identity: Identity, projects: Projects) -> AutomlServer:
    """Return Google's servers in both regions."""
    return AutomlServer(
        AUTOML, _AT_GOOGLE, google_channels(identity), identity, projects, tuple(AUTOML_HOSTS), expires=True
    )


def other_server(target: str, projects: Projects) -> AutomlServer:
    """Return a server at `target` (host:port) in the place of Google's, such as an emulator, without encryption."""
    return AutomlServer(
        AUTOML,
        replace(_AT_GOOGLE, provider=f"the AutoML server at {target}", notice=""),
        plain_channels(target),
        NoCredentials(),
        projects,
        (*AUTOML_HOSTS, OWN_REGION),
        expires=True,
    )
