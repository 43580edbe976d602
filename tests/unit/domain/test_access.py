"""Roles from verified addresses, and the lifetime of a sign-in."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lib.domain.people import Access, Role, admit, read_people
from lib.errors import NotAdmitted, SignInEnded
from tests.builders.values import NOON

ACCESS = Access(
    {
        Role.VIEWER: read_people(["@example.com"]),
        Role.REVIEWER: read_people(["qa.example.com", "Grace@example.com"]),
        Role.ADMIN: read_people(["ada@example.com"]),
    },
    timedelta(hours=10),
)


def claims(address: str = "ada@example.com", **others: object) -> dict[str, object]:
    """Return the provider's claims about a person who signed in at noon."""
    said = {"iss": "https://id.example", "sub": "1", "email": address, "email_verified": True}
    return {**said, "iat": int(NOON.timestamp()), "nonce": "n1", **others}


@pytest.mark.parametrize(
    ("address", "role"),
    [
        ("ada@example.com", Role.ADMIN),
        ("ADA@Example.COM", Role.ADMIN),
        ("grace@example.com", Role.REVIEWER),
        ("anybody@qa.example.com", Role.REVIEWER),
        ("anybody@example.com", Role.VIEWER),
    ],
)
def test_the_highest_role_of_address_and_domain_applies(address: str, role: Role) -> None:
    assert admit(claims(address), ACCESS, NOON).role is role


@pytest.mark.parametrize(
    "address",
    ["eve@example.org", "ada@example.com.evil.org", "ada@evil-example.com", "ada@sub.example.com"],
)
def test_similar_looking_domains_have_no_access(address: str) -> None:
    with pytest.raises(NotAdmitted, match="has no access"):
        admit(claims(address), ACCESS, NOON)


@pytest.mark.parametrize("verified", [False, None, "false", "yes", 2])
def test_an_unverified_address_has_no_access(verified: object) -> None:
    with pytest.raises(NotAdmitted, match=r"has not verified the address ada@example\.com"):
        admit(claims(email_verified=verified), ACCESS, NOON)


@pytest.mark.parametrize("address", ["", " ", "example.com"])
def test_a_sign_in_without_an_address_has_no_access(address: str) -> None:
    with pytest.raises(NotAdmitted, match="has no email address"):
        admit(claims(address), ACCESS, NOON)


def test_a_sign_in_is_valid_for_the_configured_time() -> None:
    just_before = NOON + timedelta(hours=10) - timedelta(seconds=1)

    assert admit(claims(), ACCESS, just_before).signed_in_at == NOON
    with pytest.raises(SignInEnded, match="expired after 10 hours"):
        admit(claims(), ACCESS, NOON + timedelta(hours=10))


@pytest.mark.parametrize("began", [None, "soon", "", 1e30, (NOON + timedelta(hours=1)).timestamp()])
def test_a_sign_in_with_a_missing_invalid_or_future_time_is_invalid(began: object) -> None:
    with pytest.raises(SignInEnded):
        admit(claims(iat=began), ACCESS, NOON)


def test_a_clock_difference_of_one_minute_is_accepted() -> None:
    assert admit(claims(), ACCESS, NOON - timedelta(minutes=1)).address == "ada@example.com"


@pytest.mark.parametrize("other", [{"nonce": "n2"}, {"iat": int(NOON.timestamp()) - 1}, {"sub": "2"}, {"iss": "x"}])
def test_each_sign_in_has_a_unique_id(other: dict[str, object]) -> None:
    assert admit(claims(), ACCESS, NOON).sign_in == admit(claims(), ACCESS, NOON).sign_in
    assert admit(claims(), ACCESS, NOON).sign_in != admit(claims() | other, ACCESS, NOON).sign_in


@given(st.dictionaries(st.sampled_from(["iss", "sub", "email", "email_verified", "iat"]), st.text() | st.integers()))
def test_no_claims_give_access_to_an_unverified_address(said: dict[str, object]) -> None:
    with pytest.raises(NotAdmitted):
        admit({**said, "email_verified": False}, ACCESS, NOON)
