"""Whose word counts on who calls."""

import pytest

from lib.errors import InvalidSettings
from lib.settings import Settings
from lib.web.proxies import ProxyHeaders
from tests.unit.web.calls import call, tell

SAID = [("host", "look.example"), ("x-forwarded-for", "203.0.113.9"), ("x-forwarded-proto", "https")]
APP = ProxyHeaders(tell, proxies=["10.1.0.0/16", "fd00::1/128"])


@pytest.mark.parametrize("peer", ["10.1.2.3", "::ffff:10.1.2.3", "fd00:0::1"])
def test_a_named_proxy_says_who_calls_and_how(peer: str) -> None:
    _, told = call(APP, SAID, peer=peer)

    assert (told["client"], told["scheme"]) == ("203.0.113.9", "https")


@pytest.mark.parametrize("peer", ["10.2.0.1", "127.0.0.1", "::1", "fd00::2", "::ffff:10.2.0.1", ""])
def test_nobody_else_does_nor_is_their_word_passed_on(peer: str) -> None:
    headers = [*SAID, ("forwarded", "for=203.0.113.9"), ("x-real-ip", "203.0.113.9"), ("x-forwarded-host", "evil")]

    _, told = call(APP, headers, peer=peer)

    assert (told["client"], told["scheme"]) == (peer.removeprefix("::ffff:"), "http")
    assert list(told["headers"]) == ["host"]


def test_of_a_chain_the_last_that_is_no_proxy_called() -> None:
    _, told = call(APP, [("x-forwarded-for", "1.1.1.1, 203.0.113.9, 10.1.9.9")], peer="10.1.2.3")

    assert told["client"] == "203.0.113.9"


def test_proxies_are_named_by_addresses_and_networks() -> None:
    named = Settings.from_mapping({"SECOND_LOOK_PROXIES": "10.1.2.3, 10.9.8.7/8 fd00::1"}).proxies

    assert named == ("10.1.2.3/32", "10.0.0.0/8", "fd00::1/128")


@pytest.mark.parametrize("words", ["*", "proxy.example", "10.0.0.0/99", "10.0.0"])
def test_anything_else_is_refused_at_the_start(words: str) -> None:
    with pytest.raises(InvalidSettings, match="SECOND_LOOK_PROXIES must be addresses or networks"):
        Settings.from_mapping({"SECOND_LOOK_PROXIES": words})
