"""A session on the History page: title, trends, export, and the dialog of an image."""

from datetime import UTC, datetime

from lib.domain.annotations import Annotation, AnnotationStatus
from lib.domain.reviews import Review, ReviewMode
from lib.domain.sessions import Session
from lib.ui.history.session_header import TITLE_KEY
from lib.ui.visitor import NAME_KEY
from lib.web import resources
from tests.builders.pairs import make_true_label
from tests.integration.pages.conftest import OpenApp
from tests.integration.pages.known_session import sha256_of
from tests.integration.pages.page import (
    charts,
    choose_no_version,
    open_matrix,
    page_text,
    read_sample,
    session_of,
    upload,
    wait_for_predictions,
)


def test_cards_and_the_dialog_show_that_an_image_must_not_regress(open_app: OpenApp, known: Session) -> None:
    before = page_text(open_app("predict", session=known.id, versions=["v1", "v2"]))
    resources.store().images.set_must_not_regress(known.id, [sha256_of("broken.jpg")], marked=True)

    cards = page_text(open_app("predict", session=known.id, versions=["v1", "v2"]))
    dialog = page_text(open_matrix(open_app, known, image=sha256_of("broken.jpg")))
    other = page_text(open_matrix(open_app, known, image=sha256_of("same.jpg")))

    assert [text.count("Must not regress") for text in (before, cards, dialog, other)] == [0, 1, 1, 0]


def test_the_title_is_edited_in_place(open_app: OpenApp, known: Session) -> None:
    app = open_matrix(open_app, known)

    app.text_input(f"{TITLE_KEY}-{known.id}").set_value("Birds").run()

    assert resources.store().sessions.get(known.id).title == "Birds"


def test_an_empty_title_is_rejected(open_app: OpenApp, known: Session) -> None:
    app = open_matrix(open_app, known)

    app.text_input(f"{TITLE_KEY}-{known.id}").set_value("  ").run()

    assert resources.store().sessions.get(known.id).title == "Known"
    assert app.text_input(f"{TITLE_KEY}-{known.id}").value == "Known"


def test_a_title_that_was_changed_elsewhere_is_shown(open_app: OpenApp, known: Session) -> None:
    app = open_matrix(open_app, known)
    resources.store().sessions.rename(known.id, "Birds")

    app.run()

    assert app.text_input(f"{TITLE_KEY}-{known.id}").value == "Birds"


def test_trends_say_which_labels_the_accuracy_needs(open_app: OpenApp, clean: Session) -> None:
    text = page_text(open_app("history", session=clean.id, view="matrix", part="Trends"))

    predicted_by_both = [sha256_of(f"{name}.jpg") for name in ("same", "fixed", "broken", "wrong", "unsure")]
    assert resources.store().images.find_without_appearance(predicted_by_both) == []  # near-duplicates count as one
    assert "On 5 images that all shown versions predicted." in text
    assert "Not known yet: this needs labels of disagreements and of images on which all versions agree." in text


def test_trends_without_a_selected_version_show_a_message(open_app: OpenApp, known: Session) -> None:
    app = choose_no_version(open_app("history", session=known.id, view="matrix", part="Trends"))

    assert "Select at least one version in the sidebar" in page_text(app)
    assert charts(app) == []


def test_an_exported_file_is_offered_only_in_its_session(open_app: OpenApp, known: Session) -> None:
    other = resources.store().sessions.create("Other", datetime.now(UTC))
    app = open_app("history", session=known.id, view="matrix", part="Export")

    app.button("export-CSV").click().run()
    here = [*app.get("progress"), *app.get("link_button")]
    app.query_params["session"] = other.id
    app.run()

    assert len(here) == 1
    assert [*app.get("progress"), *app.get("link_button")] == []


def test_one_button_predicts_missing_images_with_another_version(open_app: OpenApp) -> None:
    session_id = session_of(upload(open_app(versions="v1"), cat_jpg=read_sample("cat.jpg")))
    app = open_app("history", session=session_id, view="matrix", versions="v1")

    app.button("predict-other-version").click().run()
    wait_for_predictions(app)

    assert set(app.dataframe[0].value) >= {"v1", "v2"}
    coverage = resources.store().predictions.find_coverage(session_id)
    assert [(count.predictions, count.failures) for count in coverage.values()] == [(1, 0), (1, 0)]


def test_an_image_in_the_address_opens_its_card_with_its_provenance(open_app: OpenApp, known: Session) -> None:
    app = open_matrix(open_app, known, image=sha256_of("fixed.jpg"))

    written = page_text(app)
    assert "fixed.jpg" in written
    assert "projects/second-look/locations/us-central1/models/ICN" in written
    assert sha256_of("fixed.jpg") in [code.value for code in app.code]
    assert not app.exception


def test_a_card_lists_all_annotations_of_its_image(open_app: OpenApp, known: Session) -> None:
    sha256 = sha256_of("fixed.jpg")
    word = Annotation(
        sha256,
        "Grace",
        AnnotationStatus.LABELED,
        make_true_label("wolf"),
        known.created_at,
        "Behind a fence",
        ("v1: dog 0.60",),
    )
    resources.store().annotations.add(known.id, word)

    text = page_text(open_matrix(open_app, known, image=sha256))

    assert "Ada: resolved, true label cat" in text
    assert "Grace: labeled, true label wolf. Behind a fence (visible: v1: dog 0.60)" in text


def test_a_blind_review_hides_annotations_of_others_on_the_card(open_app: OpenApp, known: Session) -> None:
    resources.store().reviews.change(known.id, Review(ReviewMode.BLIND))

    assert "resolved, true label cat" not in page_text(open_matrix(open_app, known, image=sha256_of("fixed.jpg")))


def test_an_image_outside_the_session_shows_a_message(open_app: OpenApp, known: Session) -> None:
    app = open_matrix(open_app, known, image="0" * 64)

    assert "not in this session" in page_text(app)


def test_the_true_label_is_set_on_the_card_with_the_reviewer_name(open_app: OpenApp, known: Session) -> None:
    app = open_matrix(open_app, known, image=sha256_of("unsure.jpg"))
    app.text_input(NAME_KEY).set_value("Grace").run()

    app.selectbox(f"truth-here-{sha256_of('unsure.jpg')}").set_value("owl").run()
    app.button("set-truth-here").click().run()

    assert resources.store().annotations.find_true_label(known.id, sha256_of("unsure.jpg")) == make_true_label("owl")
