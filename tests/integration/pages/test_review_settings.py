"""What reviewers share: rule, mode, threshold and margin, sign-off, and who reviews what."""

from streamlit.testing.v1 import AppTest

from lib.domain.annotations import GroundTruthRule
from lib.domain.reviews import Review, ReviewMode, ReviewStatus
from lib.domain.sessions import Session
from lib.ui.review.annotation_panel import NEXT_KEY
from lib.ui.review.assigned_images import REVIEWERS_KEY
from lib.ui.review.review_settings import (
    CONFIRM_SIGN_OFF_KEY,
    MODE_KEY,
    NOTE_KEY,
    REOPEN_KEY,
    REVIEW_MARGIN_KEY,
    REVIEW_THRESHOLD_KEY,
    RULE_KEY,
    SIGN_OFF_KEY,
)
from lib.web import resources
from tests.builders.compared_session import Row, fill_session
from tests.integration.pages.conftest import OpenApp
from tests.integration.pages.known_session import sha256_of
from tests.integration.pages.page import charts, find_version, page_text
from tests.integration.pages.reviewing import FIRST_KEY, open_review, shown


def test_the_rule_is_chosen_for_everyone_and_shown(open_app: OpenApp, clean: Session) -> None:
    app = open_review(open_app, clean)

    app.selectbox(RULE_KEY).set_value(GroundTruthRule.MAJORITY.value).run()

    assert resources.store().reviews.get(clean.id).rule is GroundTruthRule.MAJORITY
    compare = open_app("compare", session=clean.id)
    assert "Ground-truth rule: More than half of the reviewers." in page_text(compare)


def sign_off(app: AppTest) -> AppTest:
    app.button(SIGN_OFF_KEY).click().run()
    return app.button(CONFIRM_SIGN_OFF_KEY).click().run()


def test_sign_off_first_lists_unreviewed_images(open_app: OpenApp, clean: Session) -> None:
    store = resources.store()
    store.images.set_must_not_regress(clean.id, [sha256_of("fixed.jpg")], marked=True)
    app = open_review(open_app, clean)

    app.button(SIGN_OFF_KEY).click().run()

    assert store.reviews.get(clean.id).status is not ReviewStatus.DONE
    for open_item in ("2 disagreements", "1 must-not-regress image without a label", "1 prediction missing or failed"):
        assert open_item in page_text(app)


def test_a_signed_off_review_is_read_only_until_it_is_reopened(open_app: OpenApp, clean: Session) -> None:
    app = sign_off(open_review(open_app, clean))

    signed = resources.store().reviews.get(clean.id)
    without_keys = FIRST_KEY not in [button.key for button in app.button]
    app.button(REOPEN_KEY).click().run()

    assert (signed.status, signed.signed_off_by, without_keys) == (ReviewStatus.DONE, "Grace", True)
    assert resources.store().reviews.get(clean.id).status is ReviewStatus.IN_REVIEW
    assert FIRST_KEY in [button.key for button in app.button]


def test_threshold_and_margin_are_chosen_before_the_first_label(open_app: OpenApp, clean: Session) -> None:
    resources.store().reviews.change(clean.id, Review())
    session = resources.store().sessions.create("New", clean.created_at)
    fill_session(resources.store(), session, [Row(true_label=None)], (find_version("v1"), find_version("v2")))
    app = open_review(open_app, session)

    app.number_input(REVIEW_MARGIN_KEY).set_value(2.0).run()
    app.number_input(REVIEW_THRESHOLD_KEY).set_value(0.5).run()

    review = resources.store().reviews.get(session.id)
    assert (review.margin, review.threshold) == (0.02, 0.5)
    app.button(FIRST_KEY).click().run()
    assert app.number_input(REVIEW_MARGIN_KEY).disabled
    assert app.number_input(REVIEW_THRESHOLD_KEY).disabled


def test_blind_review_is_a_setting_of_the_review(open_app: OpenApp, clean: Session) -> None:
    app = open_review(open_app, clean)

    app.selectbox(MODE_KEY).set_value("Blind").run()

    assert resources.store().reviews.get(clean.id).mode is ReviewMode.BLIND
    assert FIRST_KEY not in [button.key for button in app.button]


def test_a_change_in_one_tab_is_kept_when_another_tab_continues(open_app: OpenApp, clean: Session) -> None:
    first, second = open_review(open_app, clean, "Ada"), open_review(open_app, clean, "Grace")

    first.selectbox(RULE_KEY).set_value(GroundTruthRule.RESOLVED.value).run()
    first.selectbox(MODE_KEY).set_value("Blind").run()
    first.text_area(NOTE_KEY).set_value("Breeds count").run()
    second.run()

    kept = resources.store().reviews.get(clean.id)
    assert (kept.rule, kept.is_blind, kept.note) == (GroundTruthRule.RESOLVED, True, "Breeds count")
    assert second.text_area(NOTE_KEY).value == "Breeds count"
    assert charts(second) == []


def test_a_change_to_a_review_that_was_signed_off_meanwhile_is_refused_with_the_reason(
    open_app: OpenApp, clean: Session
) -> None:
    app = open_review(open_app, clean)
    resources.store().reviews.change(clean.id, Review(status=ReviewStatus.DONE, signed_off_by="Ada"))

    app.selectbox(MODE_KEY).set_value("Blind").run()

    assert resources.store().reviews.get(clean.id) == Review(status=ReviewStatus.DONE, signed_off_by="Ada")
    assert ["This review is signed off" in toast.value for toast in app.toast] == [True]
    assert app.selectbox(MODE_KEY).value == "Choose"


def test_images_are_assigned_to_reviewers(open_app: OpenApp, clean: Session) -> None:
    app = open_review(open_app, clean, "Ada")
    app.text_input(REVIEWERS_KEY).set_value("Ada, Bob").run()
    review = resources.store().reviews.get(clean.id)
    places = resources.store().reviews.find_places(clean.id)
    own = review.assignment.find_images(places, "Ada")

    app = open_review(open_app, clean, "Ada")

    assert review.assignment.reviewers == ("Ada", "Bob")
    (table,) = app.dataframe
    assert list(table.value["Images"]) == [len(own), len(review.assignment.find_images(places, "Bob"))]
    assert list(table.value["Left"]) == list(table.value["Images"])
    assert shown_images(app) == own
    assert resources.store().audit.find(limit=1)[0].details == "assigned to Ada, Bob, 1 reviewer per image"


def shown_images(app: AppTest) -> set[str]:
    """All images of the reviewer's queue, by stepping to its end."""
    images: set[str] = set()
    while "No images left to review." not in [success.value for success in app.success]:
        images.add(shown(app))
        app.button(NEXT_KEY).click().run()
    return images
