"""Calls to Vertex AI's REST API, with Google's exceptions for its errors, and a cache of deployed versions."""

import json
import time
from collections.abc import Callable, Iterator, Sequence
from threading import Lock
from typing import Any

import grpc
from google.api_core import exceptions
from requests import Response

from lib.errors import ModelUndeployed
from lib.providers.credentials import Identity
from lib.providers.guarded_requests import GuardedSession, open_session
from lib.providers.resource_names import Location, Resource, ResourceName
from lib.providers.retries import MOST_CALLS
from lib.providers.vertex_catalog import DeployedVersion

Json = dict[str, Any]
_LIST_WITHIN_S = 50.0
_PER_PAGE = 100
_MOST_PAGES = 100
_TOO_LARGE = 413


class VertexRest:
    """Calls to the REST API. `address_of` returns the URL of one of `regions`. Thread-safe.

    A `suffix` is a method (":predict") or a collection ("/models") of the resource.
    """

    def __init__(self, identity: Identity, address_of: Callable[[str], str], regions: Sequence[str]) -> None:
        self._identity = identity
        self._address_of = address_of
        self._regions = tuple(regions)
        self._lock = Lock()
        self._session: GuardedSession | None = None

    def get(self, resource: Resource, suffix: str = "", **parameters: str | int) -> Json:
        """Return a resource. Raises errors of Google's libraries, CredentialsMissing and ServiceRefused."""
        return self._call("GET", self._url(resource, suffix), _LIST_WITHIN_S, params=parameters)

    def post(self, resource: Resource, suffix: str, body: Json, timeout_s: float = _LIST_WITHIN_S) -> Json:
        """Return the response of a method such as `:predict`. Raises as `get`."""
        options = {"data": json.dumps(body), "headers": {"Content-Type": "application/json"}}
        return self._call("POST", self._url(resource, suffix), timeout_s, **options)

    def pages(self, resource: Resource, suffix: str, field: str) -> Iterator[Json]:
        """Yield the items of a list, page by page. Raises as `get`."""
        token = ""
        for _ in range(_MOST_PAGES):
            page = self.get(resource, suffix, pageSize=_PER_PAGE, pageToken=token)
            yield from page.get(field, ())
            token = page.get("nextPageToken", "")
            if not token:
                return

    def close(self) -> None:
        """Close the connections."""
        if self._session:
            self._session.close()  # type: ignore[no-untyped-call]

    def _url(self, resource: Resource, suffix: str) -> str:
        return f"{self._address_of(resource.location.region)}/v1/{resource}{suffix}"

    def _call(self, verb: str, url: str, timeout_s: float, **options: Any) -> Json:
        response = self._connect().request(verb, url, timeout=timeout_s, max_allowed_time=timeout_s, **options)
        if not response.ok:
            raise _error(response)
        content: Json = response.json()
        return content

    def _connect(self) -> GuardedSession:
        with self._lock:
            if self._session is None:
                addresses = {self._address_of(region) for region in self._regions}
                self._session = open_session(self._identity.get(), addresses, MOST_CALLS)
            return self._session


def get_response(operation: Json) -> Json:
    """Return the response of a finished long-running operation. Raises GoogleAPICallError if it failed."""
    failed = operation.get("error")
    if failed:
        statuses = {status.value[0]: status for status in grpc.StatusCode}
        status = statuses.get(failed.get("code"), grpc.StatusCode.UNKNOWN)
        raise exceptions.from_grpc_status(status, failed.get("message", ""), details=failed.get("details") or [])
    response: Json = operation.get("response", {})
    return response


def _error(response: Response) -> exceptions.GoogleAPICallError:
    """Return Google's exception for a response, by the status in its body, which says more than the HTTP code."""
    content = _read_error(response)
    message = content.get("message") or f"HTTP {response.status_code} {response.reason}"
    if response.status_code == _TOO_LARGE:
        return exceptions.InvalidArgument(f"Request payload size exceeds the limit: {message}", response=response)
    kinds = {status.name: exceptions.from_grpc_status(status, "").__class__ for status in grpc.StatusCode}
    kind = kinds.get(content.get("status", "")) or exceptions.from_http_status(response.status_code, "").__class__
    error: exceptions.GoogleAPICallError = kind(message, details=content.get("details") or [], response=response)
    return error


def _read_error(response: Response) -> Json:
    try:
        content = response.json()
    except ValueError:
        return {}
    error = content.get("error") if isinstance(content, dict) else None
    return error if isinstance(error, dict) else {}


_CACHED_FOR_S = 30.0


class DeployedVersionCache:
    """The deployed versions of each location. `list_deployed` lists those of a location by model. Thread-safe."""

    def __init__(self, list_deployed: Callable[[Location], dict[ResourceName, DeployedVersion]]) -> None:
        self._list_deployed = list_deployed
        self._lock = Lock()
        self._known: dict[Location, tuple[float, dict[ResourceName, DeployedVersion]]] = {}

    def get(self, model: ResourceName, name: str) -> DeployedVersion:
        """Return where a model is deployed. Lists again before it raises ModelUndeployed for the version `name`."""
        for max_age_s in (_CACHED_FOR_S, 0.0):
            deployed = self.find(model.location, max_age_s).get(model)
            if deployed:
                return deployed
        raise ModelUndeployed(f"{name} is not deployed. Deploy it on the Models page, then try again.")

    def find(self, location: Location, max_age_s: float) -> dict[ResourceName, DeployedVersion]:
        """Return the deployed versions of a location by model name, from a list of at most this age."""
        with self._lock:
            known_at_s, known = self._known.get(location, (float("-inf"), {}))
            if time.monotonic() - known_at_s > max_age_s:
                known = self._list_deployed(location)
                self._known[location] = (time.monotonic(), known)
            return known

    def forget(self, location: Location) -> None:
        """List again next time."""
        with self._lock:
            self._known.pop(location, None)
