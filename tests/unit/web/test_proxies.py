"""Trusted proxies and forwarded headers."""

import pytest

from lib.errors import InvalidSettings
from lib.settings import Settings
from lib.web.proxies import ProxyHeaders
from tests.unit.web.calls import call, tell

SAID = [("host", "look.example"), ("x-forwarded-for", "203.0.113.9"), ("x-forwarded-proto", "https")]
APP = ProxyHeaders(tell, proxies=["10.1.0.0/16", "fd00::1/128"])


@pytest.mark.parametrize("peer", ["10.1.2.3", "::ffff:10.1.2.3", "fd00:0::1"])
def test_a_trusted_proxy_sets_the_client_address_and_scheme(peer: str) -> None:
    _, told = call(APP, SAID, peer=peer)

    assert (told["client"], told["scheme"]) == ("203.0.113.9", "https")


@pytest.mark.parametrize("peer", ["10.2.0.1", "127.0.0.1", "::1", "fd00::2", "::ffff:10.2.0.1", ""])
def test_forwarded_headers_of_other_callers_are_removed(peer: str) -> None:
    headers = [*SAID, ("forwarded", "for=203.0.113.9"), ("x-real-ip", "203.0.113.9"), ("x-forwarded-host", "evil")]

    _, told = call(APP, headers, peer=peer)

    assert (told["client"], told["scheme"]) == (peer.removeprefix("::ffff:"), "http")
    assert list(told["headers"]) == ["host"]


def test_the_client_is_the_last_untrusted_address_of_the_chain() -> None:
    _, told = call(APP, [("x-forwarded-for", "1.1.1.1, 203.0.113.9, 10.1.9.9")], peer="10.1.2.3")

    assert told["client"] == "203.0.113.9"


def test_proxies_are_configured_by_addresses_and_networks() -> None:
    named = Settings.from_mapping({"SECOND_LOOK_PROXIES": "10.1.2.3, 10.9.8.7/8 fd00::1"}).proxies

    assert named == ("10.1.2.3/32", "10.0.0.0/8", "fd00::1/128")


@pytest.mark.parametrize("words", ["*", "proxy.example", "10.0.0.0/99", "10.0.0"])
def test_an_invalid_proxy_is_rejected_at_startup(words: str) -> None:
    with pytest.raises(InvalidSettings, match="SECOND_LOOK_PROXIES must be addresses or networks"):
        Settings.from_mapping({"SECOND_LOOK_PROXIES": words})
