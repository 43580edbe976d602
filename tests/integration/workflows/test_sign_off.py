"""What a sign-off keeps of the verdict."""

from dataclasses import replace

from lib.domain.people import Actor, Role
from lib.domain.sessions import Session
from lib.store import Store
from lib.workflows.reviews import sign_off_review
from tests.builders.compared_session import Row, fill_session
from tests.builders.values import make_version

ADA = Actor("Ada", Role.REVIEWER)


def test_the_version_that_was_requested_first_is_the_baseline_of_the_signed_verdict(
    store: Store, session: Session
) -> None:
    fill_session(store, session, [Row(first="dog")] * 12, (make_version("v2"), make_version("v10")))

    (verdict,) = sign_off_review(store, ADA, session.id).signed_verdicts

    assert verdict.startswith("v10 is better")


def test_versions_with_the_same_name_are_all_in_the_signed_verdicts(store: Store, session: Session) -> None:
    first = make_version("v1")
    other = replace(first, model_name=f"{first.model_name}9")
    fill_session(store, session, [Row(first="dog")] * 12, (first, other))

    (verdict,) = sign_off_review(store, ADA, session.id).signed_verdicts

    assert verdict.startswith(f"v1 ({other.model_id}) is better")


def test_without_a_second_version_there_is_no_verdict_to_sign(store: Store, session: Session) -> None:
    fill_session(store, session, [Row(second=None)] * 3, (make_version("v1"), make_version("v2")))

    assert sign_off_review(store, ADA, session.id).signed_verdicts == ()
