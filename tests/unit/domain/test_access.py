"""Who may come in, as what, and for how long."""

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
    """What a provider says of somebody who signed in at noon."""
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
def test_the_highest_role_of_address_and_domain_counts(address: str, role: Role) -> None:
    assert admit(claims(address), ACCESS, NOON).role is role


@pytest.mark.parametrize(
    "address",
    ["eve@example.org", "ada@example.com.evil.org", "ada@evil-example.com", "ada@sub.example.com"],
)
def test_others_may_not_come_in_however_alike_their_domain_looks(address: str) -> None:
    with pytest.raises(NotAdmitted, match="has no access"):
        admit(claims(address), ACCESS, NOON)


@pytest.mark.parametrize("verified", [False, None, "false", "yes", 2])
def test_an_address_that_is_not_verified_opens_nothing(verified: object) -> None:
    with pytest.raises(NotAdmitted, match=r"has not verified the address ada@example\.com"):
        admit(claims(email_verified=verified), ACCESS, NOON)


@pytest.mark.parametrize("address", ["", " ", "example.com"])
def test_a_sign_in_without_an_address_opens_nothing(address: str) -> None:
    with pytest.raises(NotAdmitted, match="has no email address"):
        admit(claims(address), ACCESS, NOON)


def test_a_sign_in_holds_for_the_time_that_is_set() -> None:
    just_before = NOON + timedelta(hours=10) - timedelta(seconds=1)

    assert admit(claims(), ACCESS, just_before).signed_in_at == NOON
    with pytest.raises(SignInEnded, match="expired after 10 hours"):
        admit(claims(), ACCESS, NOON + timedelta(hours=10))


@pytest.mark.parametrize("began", [None, "soon", "", 1e30, (NOON + timedelta(hours=1)).timestamp()])
def test_a_sign_in_whose_time_is_missing_wrong_or_still_to_come_does_not_hold(began: object) -> None:
    with pytest.raises(SignInEnded):
        admit(claims(iat=began), ACCESS, NOON)


def test_clocks_that_differ_by_a_minute_keep_nobody_out() -> None:
    assert admit(claims(), ACCESS, NOON - timedelta(minutes=1)).address == "ada@example.com"


@pytest.mark.parametrize("other", [{"nonce": "n2"}, {"iat": int(NOON.timestamp()) - 1}, {"sub": "2"}, {"iss": "x"}])
def test_each_sign_in_has_a_name_of_its_own(other: dict[str, object]) -> None:
    assert admit(claims(), ACCESS, NOON).sign_in == admit(claims(), ACCESS, NOON).sign_in
    assert admit(claims(), ACCESS, NOON).sign_in != admit(claims() | other, ACCESS, NOON).sign_in


@given(st.dictionaries(st.sampled_from(["iss", "sub", "email", "email_verified", "iat"]), st.text() | st.integers()))
def test_whatever_a_provider_says_nobody_unverified_gets_in(said: dict[str, object]) -> None:
    with pytest.raises(NotAdmitted):
        admit({**said, "email_verified": False}, ACCESS, NOON)
