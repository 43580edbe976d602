"""The Review page: one image at a time, annotated by keys."""

import pytest

from lib.domain.annotations import AnnotationStatus, TrueLabel
from lib.domain.reviews import Review, ReviewMode, ReviewStatus
from lib.domain.sessions import Session
from lib.ui.review import early_keys
from lib.ui.review.annotation_panel import ITEM_NOTE_KEY, NEXT_KEY, PREVIOUS_KEY, UNDO_KEY
from lib.ui.review.answers import (
    ADD_KEY,
    BACK_KEY,
    BOTH_KEY,
    LABEL_KEY,
    NEITHER_KEY,
    NEW_KEY,
    NO_LABEL_KEY,
    OTHER_KEY,
    SET_OTHER_KEY,
    UNSURE_KEY,
)
from lib.ui.review.review_queue import ORDER_KEY
from lib.ui.review.review_settings import (
    REVIEWER_KEY,
)
from lib.ui.visitor import NAME_KEY
from lib.web import resources
from tests.builders.values import NOON, make_prepared_image
from tests.integration.pages.conftest import OpenApp
from tests.integration.pages.known_session import sha256_of
from tests.integration.pages.page import charts, page_text
from tests.integration.pages.reviewing import FIRST_KEY, annotations_of, choose, open_review, shown
from tests.unit.domain.test_label import COMPOSED, DECOMPOSED

DISAGREEMENTS = {sha256_of("broken.jpg"), sha256_of("fixed.jpg")}


def test_without_a_name_the_page_asks_for_one_first(open_app: OpenApp, clean: Session) -> None:
    app = open_app("review", session=clean.id)
    without = [button.key for button in app.button]

    app.text_input(REVIEWER_KEY).set_value("Grace").run()

    assert FIRST_KEY not in without
    assert FIRST_KEY in [button.key for button in app.button]


def test_disagreements_come_first_with_predicted_labels_in_neutral_order(open_app: OpenApp, clean: Session) -> None:
    app = open_review(open_app, clean)
    first = shown(app)
    offered = [button.label for button in app.button if str(button.key).startswith(f"{LABEL_KEY}-")]
    told = page_text(app)

    choose(app, "cat")

    assert {first, shown(app)} == DISAGREEMENTS
    assert set(offered[:2]) == {"cat", "dog"}
    assert charts(app) == []
    assert "0.75" not in told
    assert annotations_of(clean) == [(first, AnnotationStatus.LABELED, TrueLabel.one("cat"))]
    assert resources.store().annotations.find_true_label(clean.id, first) == TrueLabel.one("cat")


def test_labels_of_all_versions_are_offered_whichever_are_chosen(open_app: OpenApp, clean: Session) -> None:
    app = open_app("review", session=clean.id, versions="v1")
    app.text_input(NAME_KEY).set_value("Grace").run()

    offered = [button.label for button in app.button if str(button.key).startswith(f"{LABEL_KEY}-")]

    assert set(offered[:2]) == {"cat", "dog"}
    assert "0 of 2 disagreements" in page_text(app)


def test_an_image_without_a_prediction_comes_last_and_is_no_yes_or_no_question(
    open_app: OpenApp, clean: Session
) -> None:
    store = resources.store()
    store.images.add(clean.id, make_prepared_image(b"new", "new.jpg"), NOON)
    (new,) = [image.sha256 for image in store.images.find(clean.id) if image.name == "new.jpg"]
    app = open_review(open_app, clean)

    for _ in range(6):
        app.button(UNSURE_KEY).click().run()

    assert shown(app) == new
    assert "What does the image show?" in page_text(app)
    assert FIRST_KEY not in [button.key for button in app.button]


def test_both_labels_may_be_acceptable(open_app: OpenApp, clean: Session) -> None:
    app = open_review(open_app, clean)
    first = shown(app)

    app.button(BOTH_KEY).click().run()

    assert annotations_of(clean) == [(first, AnnotationStatus.LABELED, TrueLabel(("cat", "dog")))]


def test_any_label_known_to_a_version_can_be_searched(open_app: OpenApp, clean: Session) -> None:
    app = open_review(open_app, clean)
    sha256 = shown(app)
    app.button(NEITHER_KEY).click().run()

    app.selectbox(f"{OTHER_KEY}-{sha256}").set_value("owl").run()
    app.button(SET_OTHER_KEY).click().run()

    assert annotations_of(clean) == [(sha256, AnnotationStatus.LABELED, TrueLabel.one("owl"))]


def test_a_label_unknown_to_all_versions_is_added_with_a_note(open_app: OpenApp, clean: Session) -> None:
    app = open_review(open_app, clean)
    sha256 = shown(app)
    app.button(NEITHER_KEY).click().run()
    app.text_input(f"{ITEM_NOTE_KEY}-{sha256}").set_value("Behind a fence").run()

    app.text_input(f"{NEW_KEY}-{sha256}").set_value(f" {DECOMPOSED} ")
    app.button(ADD_KEY).click().run()

    (word,) = [word for word in resources.store().annotations.find(clean.id) if not word.resolves]
    assert (word.label, word.note, word.reviewer, word.shown) == (
        TrueLabel.one(COMPOSED),
        "Behind a fence",
        "Grace",
        (),
    )


def test_a_reviewer_can_choose_that_no_label_applies_or_go_back(open_app: OpenApp, clean: Session) -> None:
    app = open_review(open_app, clean)
    sha256 = shown(app)

    app.button(NEITHER_KEY).click().run()
    app.button(BACK_KEY).click().run()
    went_back = FIRST_KEY in [button.key for button in app.button]
    app.button(NEITHER_KEY).click().run()
    app.button(NO_LABEL_KEY).click().run()

    assert went_back
    assert annotations_of(clean) == [(sha256, AnnotationStatus.LABELED, TrueLabel(()))]


def test_a_key_pressed_right_after_an_image_appears_is_ignored(
    open_app: OpenApp, clean: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(early_keys, "UNSEEN_S", 3600.0)
    app = open_review(open_app, clean)
    first = shown(app)

    for _ in range(3):
        app.button(FIRST_KEY).click().run()

    assert annotations_of(clean) == []
    assert shown(app) == first


def test_an_open_review_shows_names_and_scores_and_keeps_what_was_visible(open_app: OpenApp, clean: Session) -> None:
    resources.store().reviews.change(clean.id, Review(ReviewMode.OPEN))
    app = open_review(open_app, clean)

    drawn = charts(app)
    app.button(UNSURE_KEY).click().run()

    (word,) = [word for word in resources.store().annotations.find(clean.id) if not word.resolves]
    assert len(drawn) == 1
    assert [text.partition(":")[0] for text in word.shown] == ["v1", "v2"]
    seen = "Reviewers saw predictions on 1 image that they labeled."
    assert seen in page_text(open_app("compare", session=clean.id))


def test_unsure_is_an_annotation_without_a_label(open_app: OpenApp, clean: Session) -> None:
    app = open_review(open_app, clean)
    first = shown(app)

    app.button(UNSURE_KEY).click().run()

    assert annotations_of(clean) == [(first, AnnotationStatus.UNSURE, None)]
    assert resources.store().annotations.find_true_label(clean.id, first) is None


def test_undo_withdraws_the_annotation_and_returns_to_its_image(open_app: OpenApp, clean: Session) -> None:
    first = shown(open_review(open_app, clean).button(FIRST_KEY).click().run())
    app = open_review(open_app, clean)  # after a refresh

    app.button(UNDO_KEY).click().run()

    assert {shown(app), first} == DISAGREEMENTS
    assert resources.store().annotations.count_reviewed(clean.id) == {}
    assert [status for _, status, _ in annotations_of(clean)] == [
        AnnotationStatus.LABELED,
        AnnotationStatus.WITHDRAWN,
    ]


def test_the_arrow_keys_navigate_without_annotating(open_app: OpenApp, clean: Session) -> None:
    app = open_review(open_app, clean)

    forward = shown(app.button(NEXT_KEY).click().run())
    back = shown(app.button(PREVIOUS_KEY).click().run())

    assert {forward, back} == DISAGREEMENTS
    assert annotations_of(clean) == []


@pytest.mark.parametrize(
    ("order", "first"),
    [("lowest margin", "unsure.jpg"), ("lowest score", "unsure.jpg"), ("as added", "same.jpg")],
)
def test_the_queue_has_the_chosen_order(open_app: OpenApp, clean: Session, order: str, first: str) -> None:
    app = open_review(open_app, clean)

    app.selectbox(ORDER_KEY).set_value(order).run()

    assert shown(app) == sha256_of(first)


def test_a_returning_reviewer_continues_with_the_remaining_images(open_app: OpenApp, clean: Session) -> None:
    next_one = shown(open_review(open_app, clean).button(FIRST_KEY).click().run())

    again = open_review(open_app, clean)

    assert shown(again) == next_one
    assert "Reviewed so far, of 6: Grace 1" in page_text(again)


def test_at_the_end_no_image_is_left(open_app: OpenApp, clean: Session) -> None:
    app = open_review(open_app, clean)

    for _ in range(6):
        app.button(UNSURE_KEY).click().run()

    assert "No images left to review." in [message.value for message in app.success]
    assert resources.store().annotations.count_reviewed(clean.id) == {"Grace": 6}


def test_progress_counts_disagreements_first_and_then_the_second_sample(open_app: OpenApp, clean: Session) -> None:
    app = open_review(open_app, clean)
    before = page_text(app)

    app.button(FIRST_KEY).click().run()
    app.button(FIRST_KEY).click().run()

    assert "Labels of these decide the comparison." in before
    assert "how often each version is right needs these" in page_text(app)


def test_the_end_of_a_review_links_to_the_comparison(open_app: OpenApp, clean: Session) -> None:
    app = open_review(open_app, clean)

    for _ in range(6):
        app.button(UNSURE_KEY).click().run()

    assert "See comparison" in [link.proto.label for link in app.get("page_link")]


def test_an_annotation_after_the_sign_off_is_refused_with_the_reason(open_app: OpenApp, clean: Session) -> None:
    app = open_review(open_app, clean)
    resources.store().reviews.change(clean.id, Review(status=ReviewStatus.DONE))

    app.button(FIRST_KEY).click().run()

    assert annotations_of(clean) == []
    assert "This review is signed off" in page_text(app)


def test_a_blind_review_shows_no_version_and_no_prediction(open_app: OpenApp, clean: Session) -> None:
    resources.store().reviews.change(clean.id, Review(ReviewMode.BLIND))

    app = open_review(open_app, clean)

    everything = " ".join(str(element.proto) for block in (app.main, app.sidebar) for element in block)
    everything = everything.replace(clean.id, "")  # drawn by chance: there may be a "v2" in it
    assert charts(app) == []
    assert [name for name in ("v1", "v2", "imagenet", "broken.jpg", "0.75") if name in everything] == []


def test_a_blind_reviewer_types_labels_and_sees_predictions_at_the_end(open_app: OpenApp, clean: Session) -> None:
    resources.store().reviews.change(clean.id, Review(ReviewMode.BLIND))
    app = open_review(open_app, clean)

    for _ in range(6):
        app.selectbox(f"{OTHER_KEY}-{shown(app)}").set_value("cat").run()
        app.button(SET_OTHER_KEY).click().run()
    app.run()

    assert [label for _, _, label in annotations_of(clean)] == [TrueLabel.one("cat")] * 6
    assert all(word.shown == () for word in resources.store().annotations.find(clean.id))
    assert "imagenet" in str(app.selectbox("family").value)


def test_every_reviewer_has_the_same_order(open_app: OpenApp, clean: Session) -> None:
    def images(reviewer: str) -> list[str]:
        app = open_review(open_app, clean, reviewer)
        return [shown(app), shown(app.button(NEXT_KEY).click().run()), shown(app.button(NEXT_KEY).click().run())]

    assert images("Ada") == images("Grace")


def test_a_session_without_images_has_nothing_to_review(open_app: OpenApp) -> None:
    assert "Open a session with images first" in page_text(open_app("review"))
