"""Vertex AI over REST: resource names in, JSON out, and Google's errors where they belong."""

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
    """Calls of the REST API, at the address that `address_of` gives for one of `regions`. Threads may share it.

    A `suffix` is a method (":predict") or a collection ("/models") of the resource, in words of ours.
    """

    def __init__(self, identity: Identity, address_of: Callable[[str], str], regions: Sequence[str]) -> None:
        self._identity = identity
        self._address_of = address_of
        self._regions = tuple(regions)
        self._lock = Lock()
        self._session: GuardedSession | None = None

    def get(self, resource: Resource, suffix: str = "", **parameters: str | int) -> Json:
        """What is there. Raises what Google's libraries raise, CredentialsMissing and ServiceRefused."""
        return self._call("GET", self._url(resource, suffix), _LIST_WITHIN_S, params=parameters)

    def post(self, resource: Resource, suffix: str, body: Json, within_s: float = _LIST_WITHIN_S) -> Json:
        """The answer to a method such as `:predict`. Raises as `get`."""
        how = {"data": json.dumps(body), "headers": {"Content-Type": "application/json"}}
        return self._call("POST", self._url(resource, suffix), within_s, **how)

    def pages(self, resource: Resource, suffix: str, field: str) -> Iterator[Json]:
        """The items of a list, over all of its pages. Raises as `get`."""
        token = ""
        for _ in range(_MOST_PAGES):
            page = self.get(resource, suffix, pageSize=_PER_PAGE, pageToken=token)
            yield from page.get(field, ())
            token = page.get("nextPageToken", "")
            if not token:
                return

    def close(self) -> None:
        """Give the connections back."""
        if self._session:
            self._session.close()  # type: ignore[no-untyped-call]

    def _url(self, resource: Resource, suffix: str) -> str:
        return f"{self._address_of(resource.location.region)}/v1/{resource}{suffix}"

    def _call(self, verb: str, url: str, within_s: float, **how: Any) -> Json:
        response = self._connect().request(verb, url, timeout=within_s, max_allowed_time=within_s, **how)
        if not response.ok:
            raise _error(response)
        answer: Json = response.json()
        return answer

    def _connect(self) -> GuardedSession:
        with self._lock:
            if self._session is None:
                addresses = {self._address_of(region) for region in self._regions}
                self._session = open_session(self._identity.get(), addresses, MOST_CALLS)
            return self._session


def get_response(operation: Json) -> Json:
    """What a finished long-running operation gave. Raises GoogleAPICallError where it failed."""
    failed = operation.get("error")
    if failed:
        statuses = {status.value[0]: status for status in grpc.StatusCode}
        status = statuses.get(failed.get("code"), grpc.StatusCode.UNKNOWN)
        raise exceptions.from_grpc_status(status, failed.get("message", ""), details=failed.get("details") or [])
    response: Json = operation.get("response", {})
    return response


def _error(response: Response) -> exceptions.GoogleAPICallError:
    """Google's exception for an answer: by the status that the body names, which says more than HTTP's code."""
    said = _read_error(response)
    words = said.get("message") or f"HTTP {response.status_code} {response.reason}"
    if response.status_code == _TOO_LARGE:
        return exceptions.InvalidArgument(f"Request payload size exceeds the limit: {words}", response=response)
    kinds = {status.name: exceptions.from_grpc_status(status, "").__class__ for status in grpc.StatusCode}
    kind = kinds.get(said.get("status", "")) or exceptions.from_http_status(response.status_code, "").__class__
    error: exceptions.GoogleAPICallError = kind(words, details=said.get("details") or [], response=response)
    return error


def _read_error(response: Response) -> Json:
    try:
        said = response.json()
    except ValueError:
        return {}
    error = said.get("error") if isinstance(said, dict) else None
    return error if isinstance(error, dict) else {}


_KNOWN_FOR_S = 30.0


class Places:
    """Where versions answer. `find_deployed` asks for all places in a location, by the version's model."""

    def __init__(self, find_deployed: Callable[[Location], dict[ResourceName, DeployedVersion]]) -> None:
        self._find_deployed = find_deployed
        self._lock = Lock()
        self._known: dict[Location, tuple[float, dict[ResourceName, DeployedVersion]]] = {}

    def get(self, model: ResourceName, called: str) -> DeployedVersion:
        """Where a model answers; looks again before it raises ModelUndeployed about what it is `called`."""
        for at_most_s in (_KNOWN_FOR_S, 0.0):
            place = self.find(model.location, at_most_s).get(model)
            if place:
                return place
        raise ModelUndeployed(
            f"{called} is not deployed, so it does not predict. Deploy it on the Models page, then try again."
        )

    def find(self, location: Location, at_most_s: float) -> dict[ResourceName, DeployedVersion]:
        """All places by model, as they were at most so many seconds ago."""
        with self._lock:
            known_at_s, known = self._known.get(location, (float("-inf"), {}))
            if time.monotonic() - known_at_s > at_most_s:
                known = self._find_deployed(location)
                self._known[location] = (time.monotonic(), known)
            return known

    def forget(self, location: Location) -> None:
        """Look again next time."""
        with self._lock:
            self._known.pop(location, None)
