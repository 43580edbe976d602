"""Vertex AI over REST: paths in, JSON out, and Google's errors where they belong."""

import json
from collections.abc import Callable, Iterator
from threading import Lock
from typing import Any

import grpc
from google.api_core import exceptions
from google.auth.transport.requests import AuthorizedSession
from requests import Response
from requests.adapters import HTTPAdapter

from lib.clients.credentials import Identity
from lib.clients.flow import MOST_CALLS

Json = dict[str, Any]
_LIST_WITHIN_S = 50.0
_PER_PAGE = 100
_MOST_PAGES = 100
_TOO_LARGE = 413


class VertexRest:
    """Calls of the REST API, at the address of a region (`address_of`). Safe to share between threads."""

    def __init__(self, identity: Identity, address_of: Callable[[str], str]) -> None:
        self._identity = identity
        self._address_of = address_of
        self._lock = Lock()
        self._session: AuthorizedSession | None = None

    def get(self, name: str, **parameters: str | int) -> Json:
        """What is at a resource name. Raises what Google's libraries raise, and CredentialsMissing."""
        return self._call("GET", name, _LIST_WITHIN_S, params=parameters)

    def post(self, name: str, body: Json, within_s: float = _LIST_WITHIN_S) -> Json:
        """The answer to a method such as `…/endpoints/E:predict`. Raises as `get`."""
        return self._call("POST", name, within_s, data=json.dumps(body), headers={"Content-Type": "application/json"})

    def pages(self, name: str, field: str, **parameters: str) -> Iterator[Json]:
        """The items of a list, over all of its pages. Raises as `get`."""
        token = ""
        for _ in range(_MOST_PAGES):
            page = self.get(name, pageSize=_PER_PAGE, pageToken=token, **parameters)
            yield from page.get(field, ())
            token = page.get("nextPageToken", "")
            if not token:
                return

    def close(self) -> None:
        """Give the connections back."""
        if self._session:
            self._session.close()  # type: ignore[no-untyped-call]

    def _call(self, verb: str, name: str, within_s: float, **how: Any) -> Json:
        region = name.split("/")[3]
        url = f"{self._address_of(region)}/v1/{name}"
        response = self._connect().request(verb, url, timeout=within_s, max_allowed_time=within_s, **how)  # type: ignore[no-untyped-call]
        if not response.ok:
            raise _error(response)
        answer: Json = response.json()
        return answer

    def _connect(self) -> AuthorizedSession:
        with self._lock:
            if self._session is None:
                session = AuthorizedSession(self._identity.get())  # type: ignore[no-untyped-call]
                session.mount("https://", HTTPAdapter(pool_maxsize=MOST_CALLS))
                session.mount("http://", HTTPAdapter(pool_maxsize=MOST_CALLS))
                self._session = session
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
