"""A blind review hides predictions from reviewers until they have reviewed all images."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from lib.domain.annotations import Annotation, AnnotationStatus
from lib.domain.assignment import Assignment
from lib.domain.pairs import VersionPair
from lib.domain.people import Actor, Role
from lib.domain.reviews import Review, ReviewMode, ReviewStatus
from lib.domain.sessions import Session, ShareTerms
from lib.errors import PredictionsHidden, RoleMissing
from lib.ui.visitor import NAME_KEY
from lib.web import resources
from lib.workflows.blind_reviews import HIDDEN, hides_predictions
from lib.workflows.exports.deliver import record_download, start_export
from lib.workflows.exports.export_queue import ExportRequest
from lib.workflows.reviews import change_review, sign_off_review
from tests.builders.values import NOON
from tests.integration.pages.conftest import OpenApp
from tests.integration.pages.known_session import make_known_session
from tests.integration.pages.page import find_version, page_text

GRACE = Actor("Grace", Role.REVIEWER)


@pytest.fixture
def blind(open_app: OpenApp) -> Session:
    """A session under blind review, which Ada has set up."""
    open_app("history")
    session = make_known_session()
    change_review(resources.store(), Actor("Ada", Role.REVIEWER), session.id, make_blind)
    return session


def make_blind(review: Review) -> Review:
    return replace(review, mode=ReviewMode.BLIND)


def make_open(review: Review) -> Review:
    return replace(review, mode=ReviewMode.OPEN)


def review_all(session: Session, reviewer: str) -> None:
    store = resources.store()
    for image in store.images.find(session.id):
        store.annotations.add(session.id, Annotation(image.sha256, reviewer, AnnotationStatus.UNSURE, None, NOON))


@pytest.mark.parametrize(
    ("page", "parameters"),
    [
        ("predict", {}),
        ("history", {"view": "matrix"}),
        ("history", {"view": "matrix", "part": "Trends"}),
        ("history", {"view": "matrix", "part": "Export"}),
        ("compare", {}),
        ("robustness", {}),
    ],
)
def test_no_page_shows_predictions_to_a_reviewer_with_images_left(
    open_app: OpenApp, blind: Session, page: str, parameters: dict[str, str]
) -> None:
    app = open_app(page, session=blind.id, **parameters)

    assert HIDDEN in page_text(app)
    assert "v1" not in page_text(app)
    assert not app.get("plotly_chart")


def test_the_list_of_sessions_hides_the_agreement_of_versions(open_app: OpenApp, blind: Session) -> None:
    assert "agreement" not in page_text(open_app("history"))

    resources.store().reviews.change(blind.id, Review(ReviewMode.BLIND, status=ReviewStatus.DONE))

    assert "agreement" in page_text(open_app("history"))


def test_a_reviewer_who_has_reviewed_all_images_sees_predictions(open_app: OpenApp, blind: Session) -> None:
    review_all(blind, "Grace")
    app = open_app("history")
    app.text_input(NAME_KEY).set_value("Grace").run()

    app = open_app("compare", session=blind.id)
    app.text_input(NAME_KEY).set_value("Grace").run()

    assert HIDDEN not in page_text(app)


def test_a_comparison_over_all_sessions_waits_for_the_sign_off(open_app: OpenApp, blind: Session) -> None:
    store = resources.store()
    everywhere = VersionPair(None, find_version("v1"), find_version("v2"))
    before = store.pairs.find(everywhere)

    store.reviews.change(blind.id, Review(ReviewMode.BLIND, status=ReviewStatus.DONE))

    assert before == []
    assert len(store.pairs.find(everywhere)) == 5


def test_no_file_is_built_for_or_sent_to_a_reviewer_with_images_left(open_app: OpenApp, blind: Session) -> None:
    store = resources.store()
    request = ExportRequest("known.csv", "text/csv", blind.id, 1, "a-visit", "Ada")
    job = resources.exports().start(request, lambda _: iter([b"a,b"]))
    job.wait()
    assert job.result is not None

    with pytest.raises(PredictionsHidden, match="blind review"):
        start_export(store, GRACE, resources.exports(), request, lambda _: iter([b"a,b"]))
    with pytest.raises(PredictionsHidden, match="blind review"):
        record_download(store, GRACE, job.result)


def test_a_link_shows_nothing_before_the_sign_off(open_app: OpenApp, blind: Session) -> None:
    token = resources.store().sharing.add(blind.id, ShareTerms(), "Ada", datetime.now(UTC))

    assert "under blind review" in page_text(open_app("shared", share=token))


def test_only_admins_and_the_person_who_made_it_blind_end_it(open_app: OpenApp, blind: Session) -> None:
    store = resources.store()

    with pytest.raises(RoleMissing, match="Only Ada and admins can change the mode"):
        change_review(store, GRACE, blind.id, make_open)

    denial = store.audit.find(limit=1)[0]
    assert (denial.actor, denial.action) == ("Grace", "REFUSED")
    assert change_review(store, Actor("Ada", Role.REVIEWER), blind.id, make_open).mode is ReviewMode.OPEN
    assert store.audit.find(limit=1)[0].details == "mode: Blind → Open"


def test_neither_sign_off_nor_assignment_shows_predictions_to_a_reviewer_with_images_left(
    open_app: OpenApp, blind: Session
) -> None:
    store = resources.store()

    with pytest.raises(RoleMissing, match="Only Ada and admins"):
        sign_off_review(store, GRACE, blind.id)
    with pytest.raises(RoleMissing, match="Only Ada and admins"):
        change_review(store, GRACE, blind.id, assign_to_others)

    assert hides_predictions(store, blind.id, "Grace")
    assert sign_off_review(store, Actor("Ada", Role.REVIEWER), blind.id).status is ReviewStatus.DONE


def assign_to_others(review: Review) -> Review:
    return replace(review, assignment=Assignment(("Grace", *(f"nobody {number}" for number in range(200)))))


def test_an_admin_may_end_it(open_app: OpenApp, blind: Session) -> None:
    review = change_review(resources.store(), Actor("Root", Role.ADMIN), blind.id, make_open)

    assert review.mode is ReviewMode.OPEN
