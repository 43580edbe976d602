"""Which sites' pages may have a browser change something here."""

from urllib.parse import urlsplit

import pytest

from lib.web.request_guards import OriginGuard
from tests.unit.web.calls import call, tell

OWN = "https://look.example"
ANY = ""


def post(origins: list[str], *, host: str = "look.example", own: str = ANY, scheme: str = "http") -> int:
    """Status of the answer to what a page of this origin has a browser send to the server of this name."""
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
def test_own_pages_may(origin: str, host: str) -> None:
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
def test_others_may_not(origin: str, host: str) -> None:
    assert post([origin], host=host) == 403


def test_programs_that_are_no_browsers_may() -> None:
    assert post([]) == 200


def test_two_origins_are_none() -> None:
    assert post(["http://look.example", "http://look.example"]) == 403


@pytest.mark.parametrize(("origin", "status"), [("https://look.example", 200), ("http://look.example", 403)])
def test_where_browsers_use_https_a_page_without_it_is_another_s(origin: str, status: int) -> None:
    assert post([origin], scheme="https") == post([origin], own=OWN) == status


def test_a_proxy_may_call_the_server_by_another_name_than_browsers_do() -> None:
    assert post([OWN], host="127.0.0.1:8501", own=OWN) == 200
    assert post([OWN], host="127.0.0.1:8501") == 403
