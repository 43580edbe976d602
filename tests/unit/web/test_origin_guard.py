"""Origins whose pages may send changes to this server."""

from urllib.parse import urlsplit

import pytest

from lib.web.request_guards import OriginGuard
from tests.unit.web.calls import call, tell

OWN = "https://look.example"
ANY = ""


def post(origins: list[str], *, host: str = "look.example", own: str = ANY, scheme: str = "http") -> int:
    """Return the status of a POST from a page of this origin to this host name."""
    app = OriginGuard(tell, own_url=urlsplit(own))
    headers = [("host", host), *(("origin", origin) for origin in origins)]
    return call(app, headers, scheme=scheme, method="POST")[0]


@pytest.mark.parametrize(
    ("origin", "host"),
    [
        ("http://look.example", "look.example"),
        ("http://look.example", "look.example:80"),
        ("https://look.example:443", "look.example"),
        ("https://look.example", "look.example:443"),
        ("http://[::1]:8501", "[::1]:8501"),
        ("http://LOOK.example:8501", "look.EXAMPLE:8501"),
    ],
)
def test_requests_from_own_pages_are_accepted(origin: str, host: str) -> None:
    assert post([origin], host=host) == 200


@pytest.mark.parametrize(
    ("origin", "host"),
    [
        ("http://look.example", "look.example:8501"),
        ("http://look.example:8501", "look.example"),
        ("http://look.example.evil.example", "look.example"),
        ("http://evil.example", ""),
        ("http://[::1", "[::1"),
        ("http://look.example:99999999", "look.example:99999999"),
        ("http://a b", "a b"),
    ],
)
def test_requests_from_other_origins_are_rejected(origin: str, host: str) -> None:
    assert post([origin], host=host) == 403


def test_requests_without_an_origin_are_accepted() -> None:
    assert post([]) == 200


def test_a_request_with_two_origins_is_rejected() -> None:
    assert post(["http://look.example", "http://look.example"]) == 403


@pytest.mark.parametrize(("origin", "status"), [("https://look.example", 200), ("http://look.example", 403)])
def test_with_https_an_http_origin_is_rejected(origin: str, status: int) -> None:
    assert post([origin], scheme="https") == post([origin], own=OWN) == status


def test_a_proxy_may_use_a_different_host_name() -> None:
    assert post([OWN], host="127.0.0.1:8501", own=OWN) == 200
    assert post([OWN], host="127.0.0.1:8501") == 403
