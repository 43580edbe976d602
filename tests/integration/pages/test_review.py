"""The Review page: one image at a time, annotated by keys."""

import pytest
from streamlit.testing.v1 import AppTest

from lib.domain.annotations import AnnotationStatus, GroundTruthRule, Review, ReviewStatus
from lib.domain.sessions import Session
from lib.ui.review.annotation_panel import (
    CORRECT_KEY,
    ITEM_NOTE_KEY,
    LABEL_KEY,
    NEXT_KEY,
    PREVIOUS_KEY,
    SET_LABEL_KEY,
    UNDO_KEY,
    UNSURE_KEY,
    WRONG_KEY,
)
from lib.ui.review.review_queue import ORDER_KEY
from lib.ui.review.review_settings import BLIND_KEY, NOTE_KEY, REOPEN_KEY, REVIEWER_KEY, RULE_KEY, SIGN_OFF_KEY
from lib.ui.visitor import NAME_KEY
from lib.web import resources
from tests.integration.pages.conftest import OpenApp
from tests.integration.pages.known_session import make_known_session, sha256_of
from tests.integration.pages.page import charts, page_text
from tests.unit.domain.test_label import COMPOSED, DECOMPOSED


@pytest.fixture
def known(open_app: OpenApp) -> Session:
    """The known session before anybody has annotated its images."""
    open_app("history")
    session = make_known_session()
    images = [image.sha256 for image in resources.store().images.find(session.id)]
    resources.store().annotations.set_true_labels(session.id, images, None, "Ada", session.created_at)
    return session


def open_review(open_app: OpenApp, session: Session, reviewer: str = "Grace") -> AppTest:
    app = open_app("review", session=session.id)
    app.text_input(NAME_KEY).set_value(reviewer).run()
    return app


def shown(app: AppTest) -> str:
    """SHA-256 of the image to annotate."""
    (picture,) = [html.proto.body for html in app.get("html") if 'class="reviewed"' in html.proto.body]
    return str(picture).split("/pictures/")[1].split("/")[1].split('"')[0]


def annotations_of(session: Session) -> list[tuple[str, AnnotationStatus, str | None]]:
    found = resources.store().annotations.find(session.id)
    return [(annotation.sha256, annotation.status, annotation.label) for annotation in found if not annotation.resolves]


def test_without_a_name_the_page_asks_for_one_first(open_app: OpenApp, known: Session) -> None:
    app = open_app("review", session=known.id)
    without = [button.key for button in app.button]

    app.text_input(REVIEWER_KEY).set_value("Grace").run()

    assert CORRECT_KEY not in without
    assert CORRECT_KEY in [button.key for button in app.button]


def test_disagreements_come_first_and_correct_is_the_baselines_label(open_app: OpenApp, known: Session) -> None:
    app = open_review(open_app, known)
    first = shown(app)

    app.button(CORRECT_KEY).click().run()

    # Margins of fixed.jpg are 0.30 and 0.50, of broken.jpg 0.55 and 0.15: the lower of the two disagreements.
    assert first == sha256_of("broken.jpg")
    assert annotations_of(known) == [(sha256_of("broken.jpg"), AnnotationStatus.CORRECT, "cat")]
    assert shown(app) == sha256_of("fixed.jpg")
    assert resources.store().annotations.find_true_label(known.id, sha256_of("broken.jpg")) == "cat"


def test_wrong_asks_for_the_label_with_the_versions_labels_on_number_keys(open_app: OpenApp, known: Session) -> None:
    app = open_review(open_app, known)

    app.button(WRONG_KEY).click().run()
    offered = [button.label for button in app.button if str(button.key).startswith("label-")]
    app.button("label-2").click().run()

    assert offered == ["cat", "dog"]
    assert annotations_of(known) == [(sha256_of("broken.jpg"), AnnotationStatus.WRONG, "dog")]


def test_a_label_can_be_typed_and_a_note_added(open_app: OpenApp, known: Session) -> None:
    app = open_review(open_app, known)
    sha256 = shown(app)
    app.button(WRONG_KEY).click().run()
    app.text_input(f"{ITEM_NOTE_KEY}-{sha256}").set_value("Behind a fence").run()

    app.text_input(f"{LABEL_KEY}-{sha256}").set_value("wolf")
    app.button(SET_LABEL_KEY).click().run()

    (word,) = [word for word in resources.store().annotations.find(known.id) if not word.resolves]
    assert (word.label, word.note, word.reviewer) == ("wolf", "Behind a fence", "Grace")
    assert word.shown == ("v1: cat 0.75", "v2: dog 0.55")


def test_a_typed_label_is_kept_composed_however_it_is_spelled(open_app: OpenApp, known: Session) -> None:
    app = open_review(open_app, known)
    app.button(WRONG_KEY).click().run()

    app.text_input(f"{LABEL_KEY}-{sha256_of('broken.jpg')}").set_value(f" {DECOMPOSED} ")
    app.button(SET_LABEL_KEY).click().run()

    assert annotations_of(known) == [(sha256_of("broken.jpg"), AnnotationStatus.WRONG, COMPOSED)]


def test_unsure_is_an_annotation_without_a_label(open_app: OpenApp, known: Session) -> None:
    app = open_review(open_app, known)

    app.button(UNSURE_KEY).click().run()

    assert annotations_of(known) == [(sha256_of("broken.jpg"), AnnotationStatus.UNSURE, None)]
    assert resources.store().annotations.find_true_label(known.id, sha256_of("broken.jpg")) is None


def test_undo_withdraws_the_annotation_and_returns_to_its_image(open_app: OpenApp, known: Session) -> None:
    app = open_review(open_app, known)
    app.button(CORRECT_KEY).click().run()

    app.button(UNDO_KEY).click().run()

    assert shown(app) == sha256_of("broken.jpg")
    assert resources.store().annotations.count_reviewed(known.id) == {}
    assert [status for _, status, _ in annotations_of(known)] == [AnnotationStatus.CORRECT, AnnotationStatus.WITHDRAWN]


def test_the_arrows_go_back_and_forward_without_an_annotation(open_app: OpenApp, known: Session) -> None:
    app = open_review(open_app, known)

    forward = shown(app.button(NEXT_KEY).click().run())
    back = shown(app.button(PREVIOUS_KEY).click().run())

    assert (forward, back) == (sha256_of("fixed.jpg"), sha256_of("broken.jpg"))
    assert annotations_of(known) == []


@pytest.mark.parametrize(
    ("order", "first"),
    [("lowest margin", "unsure.jpg"), ("lowest score", "unsure.jpg"), ("as added", "same.jpg")],
)
def test_the_queue_has_the_chosen_order(open_app: OpenApp, known: Session, order: str, first: str) -> None:
    app = open_review(open_app, known)

    app.selectbox(ORDER_KEY).set_value(order).run()

    assert shown(app) == sha256_of(first)


def test_a_reviewer_who_comes_back_continues_with_the_remaining_images(open_app: OpenApp, known: Session) -> None:
    open_review(open_app, known).button(CORRECT_KEY).click().run()

    again = open_review(open_app, known)

    assert shown(again) == sha256_of("fixed.jpg")
    assert "Reviewed so far, of 6: Grace 1" in page_text(again)


def test_at_the_end_no_image_is_left(open_app: OpenApp, known: Session) -> None:
    app = open_review(open_app, known)

    for _ in range(6):
        app.button(UNSURE_KEY).click().run()

    assert "No images left to review." in [message.value for message in app.success]
    assert resources.store().annotations.count_reviewed(known.id) == {"Grace": 6}


def test_the_rule_is_chosen_for_everyone_and_shown(open_app: OpenApp, known: Session) -> None:
    app = open_review(open_app, known)

    app.selectbox(RULE_KEY).set_value(GroundTruthRule.MAJORITY.value).run()

    assert resources.store().annotations.get_review(known.id).rule is GroundTruthRule.MAJORITY
    compare = open_app("compare", session=known.id)
    assert "Ground-truth rule: More than half of the reviewers." in page_text(compare)


def test_a_signed_off_review_is_read_only_until_it_is_reopened(open_app: OpenApp, known: Session) -> None:
    app = open_review(open_app, known)

    app.button(SIGN_OFF_KEY).click().run()
    signed = resources.store().annotations.get_review(known.id)
    without_keys = CORRECT_KEY not in [button.key for button in app.button]
    app.button(REOPEN_KEY).click().run()

    assert (signed.status, signed.signed_off_by, without_keys) == (ReviewStatus.DONE, "Grace", True)
    assert resources.store().annotations.get_review(known.id).status is ReviewStatus.IN_REVIEW
    assert CORRECT_KEY in [button.key for button in app.button]


def test_an_annotation_after_the_sign_off_is_refused_with_the_reason(open_app: OpenApp, known: Session) -> None:
    app = open_review(open_app, known)
    resources.store().annotations.set_review(known.id, Review(status=ReviewStatus.DONE))

    app.button(CORRECT_KEY).click().run()

    assert annotations_of(known) == []
    assert "This review is signed off" in page_text(app)


def test_different_labels_of_reviewers_are_resolved_with_one_click(open_app: OpenApp, known: Session) -> None:
    open_review(open_app, known, "Ada").button(CORRECT_KEY).click().run()
    other = open_review(open_app, known, "Grace")
    other.button(WRONG_KEY).click().run()
    other.button("label-2").click().run()

    app = open_review(open_app, known, "Judge")
    told = page_text(app)
    app.button(f"resolve-{sha256_of('broken.jpg')}-dog").click().run()

    assert "1 image with different labels" in told
    assert "Cohen's kappa of 2 reviewers on 1 image: 0.00" in told
    assert resources.store().annotations.find_true_label(known.id, sha256_of("broken.jpg")) == "dog"


def test_a_blind_review_shows_no_version_and_no_prediction(open_app: OpenApp, known: Session) -> None:
    resources.store().annotations.set_review(known.id, Review(blind=True))

    app = open_review(open_app, known)

    everything = " ".join(str(element.proto) for block in (app.main, app.sidebar) for element in block)
    everything = everything.replace(known.id, "")  # drawn by chance: there may be a "v2" in it
    assert charts(app) == []
    assert [name for name in ("cat", "dog", "owl", "v1", "v2", "imagenet", "broken.jpg") if name in everything] == []


def test_a_blind_reviewer_sets_the_label_and_sees_the_predictions_at_the_end(open_app: OpenApp, known: Session) -> None:
    resources.store().annotations.set_review(known.id, Review(blind=True))
    app = open_review(open_app, known)
    app.text_input(f"{LABEL_KEY}-{shown(app)}").set_value("cat")
    app.button(SET_LABEL_KEY).click().run()
    for _ in range(5):
        app.button("label-1").click().run()
    app.run()

    assert [label for _, _, label in annotations_of(known)] == ["cat"] * 6
    assert all(word.shown == () for word in resources.store().annotations.find(known.id))
    assert "imagenet" in str(app.selectbox("family").value)


def test_each_blind_reviewer_has_an_order_of_their_own(open_app: OpenApp, known: Session) -> None:
    resources.store().annotations.set_review(known.id, Review(blind=True))

    def first_images(reviewer: str) -> list[str]:
        app = open_review(open_app, known, reviewer)
        return [shown(app), shown(app.button(NEXT_KEY).click().run()), shown(app.button(NEXT_KEY).click().run())]

    assert first_images("Ada") == first_images("Ada")
    assert len({tuple(first_images(name)) for name in ("Ada", "Grace", "Mary", "Judge")}) > 1


def test_blind_review_is_a_setting_of_the_review(open_app: OpenApp, known: Session) -> None:
    app = open_review(open_app, known)

    app.toggle(BLIND_KEY).set_value(True).run()

    assert resources.store().annotations.get_review(known.id).blind
    assert CORRECT_KEY not in [button.key for button in app.button]


def test_a_session_without_images_has_nothing_to_review(open_app: OpenApp) -> None:
    assert "Open a session with images first" in page_text(open_app("review"))


def test_a_change_in_one_tab_is_kept_when_another_tab_continues(open_app: OpenApp, known: Session) -> None:
    first, second = open_review(open_app, known, "Ada"), open_review(open_app, known, "Grace")

    first.selectbox(RULE_KEY).set_value(GroundTruthRule.RESOLVED.value).run()
    first.toggle(BLIND_KEY).set_value(True).run()
    first.text_area(NOTE_KEY).set_value("Breeds count").run()
    second.run()

    kept = resources.store().annotations.get_review(known.id)
    assert (kept.rule, kept.blind, kept.note) == (GroundTruthRule.RESOLVED, True, "Breeds count")
    assert second.text_area(NOTE_KEY).value == "Breeds count"
    assert charts(second) == []


def test_a_change_to_a_review_that_was_signed_off_meanwhile_is_refused_with_the_reason(
    open_app: OpenApp, known: Session
) -> None:
    app = open_review(open_app, known)
    resources.store().annotations.set_review(known.id, Review(status=ReviewStatus.DONE, signed_off_by="Ada"))

    app.toggle(BLIND_KEY).set_value(True).run()

    assert resources.store().annotations.get_review(known.id) == Review(status=ReviewStatus.DONE, signed_off_by="Ada")
    assert ["This review is signed off" in toast.value for toast in app.toast] == [True]
    assert app.toggle(BLIND_KEY).value is False
