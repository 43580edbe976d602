"""The Review page: one image at a time, annotated by keys."""

import pytest
from streamlit.testing.v1 import AppTest

from lib.domain.annotations import AnnotationStatus, GroundTruthRule, TrueLabel
from lib.domain.reviews import Review, ReviewMode, ReviewStatus
from lib.domain.sessions import Session
from lib.ui.review import annotation_panel
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
from lib.ui.review.conflicts import RESOLVE_KEY
from lib.ui.review.dealing import REVIEWERS_KEY
from lib.ui.review.review_queue import ORDER_KEY
from lib.ui.review.review_settings import (
    CONFIRM_SIGN_OFF_KEY,
    MODE_KEY,
    NOTE_KEY,
    REOPEN_KEY,
    REVIEW_MARGIN_KEY,
    REVIEW_THRESHOLD_KEY,
    REVIEWER_KEY,
    RULE_KEY,
    SIGN_OFF_KEY,
)
from lib.ui.visitor import NAME_KEY
from lib.web import resources
from tests.builders.compared_session import Row, fill_session
from tests.integration.pages.conftest import OpenApp
from tests.integration.pages.known_session import make_known_session, sha256_of
from tests.integration.pages.page import charts, find_version, page_text, unescape_markdown
from tests.unit.domain.test_label import COMPOSED, DECOMPOSED

FIRST_KEY = f"{LABEL_KEY}-1"
DISAGREEMENTS = {sha256_of("broken.jpg"), sha256_of("fixed.jpg")}


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


def annotations_of(session: Session) -> list[tuple[str, AnnotationStatus, TrueLabel | None]]:
    found = resources.store().annotations.find(session.id)
    return [(annotation.sha256, annotation.status, annotation.label) for annotation in found if not annotation.resolves]


def choose(app: AppTest, label: str) -> AppTest:
    """Press the button of this label."""
    (key,) = [button.key for button in app.button if button.label == label]
    return app.button(str(key)).click().run()


def test_without_a_name_the_page_asks_for_one_first(open_app: OpenApp, known: Session) -> None:
    app = open_app("review", session=known.id)
    without = [button.key for button in app.button]

    app.text_input(REVIEWER_KEY).set_value("Grace").run()

    assert FIRST_KEY not in without
    assert FIRST_KEY in [button.key for button in app.button]


def test_disagreements_come_first_with_the_labels_of_the_versions_in_an_order_that_tells_nothing(
    open_app: OpenApp, known: Session
) -> None:
    app = open_review(open_app, known)
    first = shown(app)
    offered = [button.label for button in app.button if str(button.key).startswith(f"{LABEL_KEY}-")]
    told = page_text(app)

    choose(app, "cat")

    assert {first, shown(app)} == DISAGREEMENTS
    assert set(offered[:2]) == {"cat", "dog"}
    assert charts(app) == []
    assert "0.75" not in told
    assert annotations_of(known) == [(first, AnnotationStatus.LABELED, TrueLabel.one("cat"))]
    assert resources.store().annotations.find_true_label(known.id, first) == TrueLabel.one("cat")


def test_both_labels_may_be_acceptable(open_app: OpenApp, known: Session) -> None:
    app = open_review(open_app, known)
    first = shown(app)

    app.button(BOTH_KEY).click().run()

    assert annotations_of(known) == [(first, AnnotationStatus.LABELED, TrueLabel(("cat", "dog")))]


def test_another_label_is_found_among_those_that_versions_know(open_app: OpenApp, known: Session) -> None:
    app = open_review(open_app, known)
    sha256 = shown(app)
    app.button(NEITHER_KEY).click().run()

    app.selectbox(f"{OTHER_KEY}-{sha256}").set_value("owl").run()
    app.button(SET_OTHER_KEY).click().run()

    assert annotations_of(known) == [(sha256, AnnotationStatus.LABELED, TrueLabel.one("owl"))]


def test_a_label_that_no_version_knows_is_added_with_a_note(open_app: OpenApp, known: Session) -> None:
    app = open_review(open_app, known)
    sha256 = shown(app)
    app.button(NEITHER_KEY).click().run()
    app.text_input(f"{ITEM_NOTE_KEY}-{sha256}").set_value("Behind a fence").run()

    app.text_input(f"{NEW_KEY}-{sha256}").set_value(f" {DECOMPOSED} ")
    app.button(ADD_KEY).click().run()

    (word,) = [word for word in resources.store().annotations.find(known.id) if not word.resolves]
    assert (word.label, word.note, word.reviewer, word.shown) == (
        TrueLabel.one(COMPOSED),
        "Behind a fence",
        "Grace",
        (),
    )


def test_no_label_may_apply_and_a_reviewer_may_go_back_before_that(open_app: OpenApp, known: Session) -> None:
    app = open_review(open_app, known)
    sha256 = shown(app)

    app.button(NEITHER_KEY).click().run()
    app.button(BACK_KEY).click().run()
    went_back = FIRST_KEY in [button.key for button in app.button]
    app.button(NEITHER_KEY).click().run()
    app.button(NO_LABEL_KEY).click().run()

    assert went_back
    assert annotations_of(known) == [(sha256, AnnotationStatus.LABELED, TrueLabel(()))]


def test_a_key_that_comes_right_after_an_image_judges_nothing(
    open_app: OpenApp, known: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(annotation_panel, "UNSEEN_S", 3600.0)
    app = open_review(open_app, known)
    first = shown(app)

    for _ in range(3):
        app.button(FIRST_KEY).click().run()

    assert annotations_of(known) == []
    assert shown(app) == first


def test_an_open_review_shows_names_and_scores_and_keeps_what_was_visible(open_app: OpenApp, known: Session) -> None:
    resources.store().reviews.change(known.id, Review(ReviewMode.OPEN))
    app = open_review(open_app, known)

    drawn = charts(app)
    app.button(UNSURE_KEY).click().run()

    (word,) = [word for word in resources.store().annotations.find(known.id) if not word.resolves]
    assert len(drawn) == 1
    assert [text.partition(":")[0] for text in word.shown] == ["v1", "v2"]


def test_unsure_is_an_annotation_without_a_label(open_app: OpenApp, known: Session) -> None:
    app = open_review(open_app, known)
    first = shown(app)

    app.button(UNSURE_KEY).click().run()

    assert annotations_of(known) == [(first, AnnotationStatus.UNSURE, None)]
    assert resources.store().annotations.find_true_label(known.id, first) is None


def test_undo_withdraws_the_annotation_and_returns_to_its_image(open_app: OpenApp, known: Session) -> None:
    first = shown(open_review(open_app, known).button(FIRST_KEY).click().run())
    app = open_review(open_app, known)  # after a refresh

    app.button(UNDO_KEY).click().run()

    assert {shown(app), first} == DISAGREEMENTS
    assert resources.store().annotations.count_reviewed(known.id) == {}
    assert [status for _, status, _ in annotations_of(known)] == [AnnotationStatus.LABELED, AnnotationStatus.WITHDRAWN]


def test_the_arrows_go_back_and_forward_without_an_annotation(open_app: OpenApp, known: Session) -> None:
    app = open_review(open_app, known)

    forward = shown(app.button(NEXT_KEY).click().run())
    back = shown(app.button(PREVIOUS_KEY).click().run())

    assert {forward, back} == DISAGREEMENTS
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
    next_one = shown(open_review(open_app, known).button(FIRST_KEY).click().run())

    again = open_review(open_app, known)

    assert shown(again) == next_one
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

    assert resources.store().reviews.get(known.id).rule is GroundTruthRule.MAJORITY
    compare = open_app("compare", session=known.id)
    assert "Ground-truth rule: More than half of the reviewers." in page_text(compare)


def sign_off(app: AppTest) -> AppTest:
    app.button(SIGN_OFF_KEY).click().run()
    return app.button(CONFIRM_SIGN_OFF_KEY).click().run()


def test_sign_off_lists_what_is_open_first(open_app: OpenApp, known: Session) -> None:
    store = resources.store()
    store.images.set_must_not_regress(known.id, [sha256_of("fixed.jpg")], marked=True)
    app = open_review(open_app, known)

    app.button(SIGN_OFF_KEY).click().run()

    assert store.reviews.get(known.id).status is not ReviewStatus.DONE
    for open_item in ("2 disagreements", "1 must-not-regress image without a label", "1 prediction missing or failed"):
        assert open_item in page_text(app)


def test_a_signed_off_review_is_read_only_until_it_is_reopened(open_app: OpenApp, known: Session) -> None:
    app = sign_off(open_review(open_app, known))

    signed = resources.store().reviews.get(known.id)
    without_keys = FIRST_KEY not in [button.key for button in app.button]
    app.button(REOPEN_KEY).click().run()

    assert (signed.status, signed.signed_off_by, without_keys) == (ReviewStatus.DONE, "Grace", True)
    assert resources.store().reviews.get(known.id).status is ReviewStatus.IN_REVIEW
    assert FIRST_KEY in [button.key for button in app.button]


def test_threshold_and_margin_are_chosen_before_the_first_label(open_app: OpenApp, known: Session) -> None:
    resources.store().reviews.change(known.id, Review())
    session = resources.store().sessions.create("New", known.created_at)
    fill_session(resources.store(), session, [Row(true_label=None)], (find_version("v1"), find_version("v2")))
    app = open_review(open_app, session)

    app.number_input(REVIEW_MARGIN_KEY).set_value(2.0).run()
    app.number_input(REVIEW_THRESHOLD_KEY).set_value(0.5).run()

    review = resources.store().reviews.get(session.id)
    assert (review.margin, review.threshold) == (0.02, 0.5)
    app.button(FIRST_KEY).click().run()
    assert app.number_input(REVIEW_MARGIN_KEY).disabled
    assert app.number_input(REVIEW_THRESHOLD_KEY).disabled


def test_progress_is_of_the_disagreements_first_and_then_of_a_second_draw(open_app: OpenApp, known: Session) -> None:
    app = open_review(open_app, known)
    before = page_text(app)

    app.button(FIRST_KEY).click().run()
    app.button(FIRST_KEY).click().run()

    assert "Labels of these decide the comparison." in before
    assert "how often each version is right needs these" in page_text(app)


def test_the_end_leads_to_the_comparison(open_app: OpenApp, known: Session) -> None:
    app = open_review(open_app, known)

    for _ in range(6):
        app.button(UNSURE_KEY).click().run()

    assert "See comparison" in [link.proto.label for link in app.get("page_link")]


def test_an_annotation_after_the_sign_off_is_refused_with_the_reason(open_app: OpenApp, known: Session) -> None:
    app = open_review(open_app, known)
    resources.store().reviews.change(known.id, Review(status=ReviewStatus.DONE))

    app.button(FIRST_KEY).click().run()

    assert annotations_of(known) == []
    assert "This review is signed off" in page_text(app)


def disagree(open_app: OpenApp, known: Session) -> str:
    """Ada says cat and Grace says dog of the first image; return the image."""
    first = shown(open_review(open_app, known, "Ada"))
    choose(open_review(open_app, known, "Ada"), "cat")
    choose(open_review(open_app, known, "Grace"), "dog")
    return first


def find_words(app: AppTest) -> dict[str, str]:
    """Keys of the answers by what they say."""
    return {
        unescape_markdown(button.label): str(button.key)
        for button in app.button
        if str(button.key).startswith("answer")
    }


def test_different_labels_of_reviewers_are_resolved_by_a_key_each(open_app: OpenApp, known: Session) -> None:
    first = disagree(open_app, known)
    app = open_review(open_app, known, "Judge")
    told = page_text(app)

    app.button(RESOLVE_KEY).click().run()
    words = find_words(app)
    app.button(words["dog (Grace)"]).click().run()

    assert "Reviewers label 1 image differently." in told
    assert "Cohen's kappa of 2 reviewers on 1 image: 0.00" in told
    assert set(words) == {"cat (Ada)", "dog (Grace)", "Both", "Neither", "Unsure"}
    assert resources.store().annotations.find_true_label(known.id, first) == TrueLabel.one("dog")
    assert resources.store().audit.find(limit=1)[0].details.endswith(": dog (conflict resolved)")
    assert RESOLVE_KEY not in [button.key for button in app.button]


def test_both_labels_of_reviewers_may_be_right_or_neither(open_app: OpenApp, known: Session) -> None:
    first = disagree(open_app, known)
    app = open_review(open_app, known, "Judge")
    app.button(RESOLVE_KEY).click().run()

    app.button(NEITHER_KEY).click().run()
    neither = [button.key for button in app.button]
    app.button(BACK_KEY).click().run()
    app.button(BOTH_KEY).click().run()

    assert {NO_LABEL_KEY, BACK_KEY} <= set(neither)
    assert resources.store().annotations.find_true_label(known.id, first) == TrueLabel(("cat", "dog"))


def test_a_conflict_may_stay_unsure_for_good(open_app: OpenApp, known: Session) -> None:
    disagree(open_app, known)
    app = open_review(open_app, known, "Judge")
    app.button(RESOLVE_KEY).click().run()

    app.button(UNSURE_KEY).click().run()

    assert "Reviewers label" not in page_text(app)


def test_the_words_of_others_stay_hidden_in_a_blind_review(open_app: OpenApp, known: Session) -> None:
    disagree(open_app, known)
    resources.store().reviews.change(known.id, Review(ReviewMode.BLIND))

    app = open_review(open_app, known, "Judge")

    assert RESOLVE_KEY not in [button.key for button in app.button]
    assert "Ada)" not in page_text(app)


def test_a_blind_review_shows_no_version_and_no_prediction(open_app: OpenApp, known: Session) -> None:
    resources.store().reviews.change(known.id, Review(ReviewMode.BLIND))

    app = open_review(open_app, known)

    everything = " ".join(str(element.proto) for block in (app.main, app.sidebar) for element in block)
    everything = everything.replace(known.id, "")  # drawn by chance: there may be a "v2" in it
    assert charts(app) == []
    assert [name for name in ("v1", "v2", "imagenet", "broken.jpg", "0.75") if name in everything] == []


def test_a_blind_reviewer_names_what_they_see_and_sees_the_predictions_at_the_end(
    open_app: OpenApp, known: Session
) -> None:
    resources.store().reviews.change(known.id, Review(ReviewMode.BLIND))
    app = open_review(open_app, known)

    for _ in range(6):
        app.selectbox(f"{OTHER_KEY}-{shown(app)}").set_value("cat").run()
        app.button(SET_OTHER_KEY).click().run()
    app.run()

    assert [label for _, _, label in annotations_of(known)] == [TrueLabel.one("cat")] * 6
    assert all(word.shown == () for word in resources.store().annotations.find(known.id))
    assert "imagenet" in str(app.selectbox("family").value)


def test_every_reviewer_has_the_same_order(open_app: OpenApp, known: Session) -> None:
    def images(reviewer: str) -> list[str]:
        app = open_review(open_app, known, reviewer)
        return [shown(app), shown(app.button(NEXT_KEY).click().run()), shown(app.button(NEXT_KEY).click().run())]

    assert images("Ada") == images("Grace")


def test_blind_review_is_a_setting_of_the_review(open_app: OpenApp, known: Session) -> None:
    app = open_review(open_app, known)

    app.selectbox(MODE_KEY).set_value("Blind").run()

    assert resources.store().reviews.get(known.id).mode is ReviewMode.BLIND
    assert FIRST_KEY not in [button.key for button in app.button]


def test_a_session_without_images_has_nothing_to_review(open_app: OpenApp) -> None:
    assert "Open a session with images first" in page_text(open_app("review"))


def test_a_change_in_one_tab_is_kept_when_another_tab_continues(open_app: OpenApp, known: Session) -> None:
    first, second = open_review(open_app, known, "Ada"), open_review(open_app, known, "Grace")

    first.selectbox(RULE_KEY).set_value(GroundTruthRule.RESOLVED.value).run()
    first.selectbox(MODE_KEY).set_value("Blind").run()
    first.text_area(NOTE_KEY).set_value("Breeds count").run()
    second.run()

    kept = resources.store().reviews.get(known.id)
    assert (kept.rule, kept.is_blind, kept.note) == (GroundTruthRule.RESOLVED, True, "Breeds count")
    assert second.text_area(NOTE_KEY).value == "Breeds count"
    assert charts(second) == []


def test_a_change_to_a_review_that_was_signed_off_meanwhile_is_refused_with_the_reason(
    open_app: OpenApp, known: Session
) -> None:
    app = open_review(open_app, known)
    resources.store().reviews.change(known.id, Review(status=ReviewStatus.DONE, signed_off_by="Ada"))

    app.selectbox(MODE_KEY).set_value("Blind").run()

    assert resources.store().reviews.get(known.id) == Review(status=ReviewStatus.DONE, signed_off_by="Ada")
    assert ["This review is signed off" in toast.value for toast in app.toast] == [True]
    assert app.selectbox(MODE_KEY).value == "Choose"


def test_a_session_is_dealt_out_to_reviewers(open_app: OpenApp, known: Session) -> None:
    app = open_review(open_app, known, "Ada")
    app.text_input(REVIEWERS_KEY).set_value("Ada, Bob").run()
    review = resources.store().reviews.get(known.id)
    places = resources.store().reviews.find_places(known.id)
    own = review.dealing.find_dealt(places, "Ada")

    app = open_review(open_app, known, "Ada")

    assert review.dealing.reviewers == ("Ada", "Bob")
    (table,) = app.dataframe
    assert list(table.value["Images"]) == [len(own), len(review.dealing.find_dealt(places, "Bob"))]
    assert list(table.value["Left"]) == list(table.value["Images"])
    assert shown_images(app) == own
    assert resources.store().audit.find(limit=1)[0].details == "dealt out to Ada, Bob, 1 word an image"


def shown_images(app: AppTest) -> set[str]:
    """All images of the reviewer's queue, by stepping to its end."""
    images: set[str] = set()
    while "No images left to review." not in [success.value for success in app.success]:
        images.add(shown(app))
        app.button(NEXT_KEY).click().run()
    return images
