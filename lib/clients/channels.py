"""gRPC connections: plain ones to servers of our own, and those to Google with credentials."""

from collections.abc import Callable
from functools import cache

import grpc

from lib.clients.credentials import Identity
from lib.errors import WrongRegion
from lib.providers.google_hosts import AUTOML_HOSTS
from lib.providers.guarded_requests import open_google_channel

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
