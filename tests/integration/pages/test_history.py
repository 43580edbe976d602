"""History: the list of sessions, and one session as a matrix."""

from datetime import UTC, datetime, timedelta

import pytest
from streamlit.testing.v1 import AppTest

from lib.domain.annotations import Annotation, AnnotationStatus
from lib.domain.reviews import Review, ReviewMode
from lib.domain.sessions import Session
from lib.errors import UnknownSession
from lib.ui.comparison_settings import THRESHOLD_KEY as FROM_KEY
from lib.ui.history.filter_controls import BELOW_KEY, FILTERS_KEY, LABEL_KEY, ORDER_KEY
from lib.ui.history.session_header import TITLE_KEY
from lib.ui.history.session_list import ARCHIVED_KEY, PAGE_KEY, SEARCH_KEY
from lib.ui.history.session_list import ORDER_KEY as SESSIONS_ORDER_KEY
from lib.ui.visitor import NAME_KEY
from lib.web import resources
from tests.builders.pairs import make_true_label
from tests.integration.pages.conftest import OpenApp
from tests.integration.pages.known_session import make_known_session, sha256_of
from tests.integration.pages.page import (
    charts,
    choose_no_version,
    page_text,
    read_sample,
    session_of,
    upload,
    wait_for_predictions,
)

ALL = ["same.jpg", "fixed.jpg", "broken.jpg", "wrong.jpg", "failed.jpg", "unsure.jpg"]


@pytest.fixture
def known(open_app: OpenApp) -> Session:
    open_app("history")
    return make_known_session()


def open_matrix(open_app: OpenApp, session: Session, **parameters: str | list[str]) -> AppTest:
    return open_app("history", session=session.id, view="matrix", **parameters)


def names(app: AppTest) -> list[str]:
    """The names of the matrix's rows, from the top; empty where there is none."""
    return [name for table in app.dataframe for name in table.value["Image"]]


def titles(app: AppTest) -> list[str]:
    """The titles of the listed sessions, from the top."""
    links = [
        link for link in app.page_link if "matrix" in link.proto.query_string and link not in app.sidebar.page_link
    ]
    return [link.label.replace("\\", "") for link in links]


def choose(app: AppTest, session: Session, change: str) -> AppTest:
    """Choose from the menu of a listed session."""
    return app.menu_button(f"actions-{session.id}").click(change).run()


def make_sessions(*named: str) -> list[Session]:
    store, now = resources.store(), datetime.now(UTC)
    return [store.sessions.create(name, now + timedelta(minutes=place)) for place, name in enumerate(named)]


def test_sessions_can_be_searched_by_title(open_app: OpenApp) -> None:
    app = open_app("history")
    make_sessions("Birds", "Parts, batch 7", "More birds")

    app.text_input(SEARCH_KEY).set_value("bird").run()

    assert titles(app) == ["More birds", "Birds"]


def test_sessions_are_sorted_in_the_chosen_order(open_app: OpenApp) -> None:
    app = open_app("history")
    make_sessions("b", "a", "c")

    app.selectbox(SESSIONS_ORDER_KEY).set_value("Title").run()

    assert titles(app) == ["a", "b", "c"]


def test_a_search_without_matches_shows_a_message(open_app: OpenApp) -> None:
    app = open_app("history", find="nobody")

    assert "No matching sessions" in page_text(app)


def test_a_page_lists_twenty_sessions(open_app: OpenApp) -> None:
    app = open_app("history")
    make_sessions(*(f"Session {place:02}" for place in range(45)))

    first = titles(app.run())
    last = titles(app.pagination(PAGE_KEY).set_value(3).run())

    assert (first[0], first[-1]) == ("Session 44", "Session 25")
    assert last == ["Session 04", "Session 03", "Session 02", "Session 01", "Session 00"]


def test_a_session_shows_its_counts_agreement_and_creator(open_app: OpenApp, known: Session) -> None:
    app = open_app("history")

    # Five images have both answers; same.jpg, wrong.jpg and unsure.jpg have equal ones. Four of six are known.
    assert "6 images · 2 versions · 60% agreement · 67% reviewed · by Ada" in page_text(app)


def test_a_session_is_renamed_in_its_row(open_app: OpenApp, known: Session) -> None:
    app = open_app("history")

    choose(app, known, "Rename")
    app.text_input(f"title-{known.id}").set_value("Birds of November").run()

    assert titles(app) == ["Birds of November"]


def test_an_archived_session_is_hidden_until_it_is_restored(open_app: OpenApp, known: Session) -> None:
    app = open_app("history")

    choose(app, known, "Archive")
    without = titles(app)
    app.toggle(ARCHIVED_KEY).set_value(True).run()
    archived = titles(app)
    choose(app, known, "Restore")
    app.toggle(ARCHIVED_KEY).set_value(False).run()

    assert (without, archived, titles(app)) == ([], ["Known"], ["Known"])


def test_deleting_a_session_requires_a_confirmation_that_lists_its_content(open_app: OpenApp, known: Session) -> None:
    app = open_app("history")

    choose(app, known, "Delete")

    assert "deletes 6 images with their predictions, and all annotations made here" in page_text(app)
    assert resources.store().sessions.get(known.id) is not None


def test_a_confirmed_deletion_removes_the_session(open_app: OpenApp, known: Session) -> None:
    app = open_app("history")
    choose(app, known, "Delete")

    app.button("confirm-deletion").click().run()

    assert titles(app) == []
    with pytest.raises(UnknownSession):
        resources.store().sessions.get(known.id)


@pytest.mark.parametrize(
    ("signs", "shown"),
    [
        ("Versions disagree", ["fixed.jpg", "broken.jpg"]),
        ("Failed", ["failed.jpg"]),
        ("Unreviewed", ["failed.jpg", "unsure.jpg"]),
        ("Wrong", ["fixed.jpg", "broken.jpg", "wrong.jpg"]),
        ("Fix", ["fixed.jpg"]),
        ("Regression", ["broken.jpg"]),
    ],
)
def test_rows_can_be_filtered(open_app: OpenApp, known: Session, signs: str, shown: list[str]) -> None:
    app = open_matrix(open_app, known)

    app.pills(FILTERS_KEY).set_value([signs]).run()

    assert names(app) == shown


def test_filters_are_combined_and_read_from_the_address(open_app: OpenApp, known: Session) -> None:
    app = open_matrix(open_app, known, rows=["Wrong", "Versions disagree"], below="0.5", label="dog")

    # Of the two rows on which the versions disagree, both are wrong once; only broken.jpg has a top score under
    # 0.56, and none under 0.5.
    assert names(app) == []
    assert "No matching images" in page_text(app)


def test_rows_can_be_filtered_by_a_low_top_score(open_app: OpenApp, known: Session) -> None:
    app = open_matrix(open_app, known)

    app.number_input(BELOW_KEY).set_value(0.6).run()

    assert names(app) == ["broken.jpg", "unsure.jpg"]


def test_rows_can_be_filtered_by_part_of_a_label(open_app: OpenApp, known: Session) -> None:
    app = open_matrix(open_app, known)

    app.text_input(LABEL_KEY).set_value("OW").run()

    assert names(app) == ["unsure.jpg"]


def test_a_prediction_below_the_score_threshold_is_wrong(open_app: OpenApp, known: Session) -> None:
    app = open_matrix(open_app, known, rows="Wrong")

    app.slider(FROM_KEY).set_value(0.85).run()

    # v2 holds 0.80 for same.jpg: no label, which is not the truth.
    assert "same.jpg" in names(app)
    assert "✗ no label" in list(app.dataframe[0].value["v2"])


@pytest.mark.parametrize(
    ("order", "first"),
    [
        ("Order added", ALL),
        ("Name", sorted(ALL)),
        # 0.75 and 0.70 where the labels differ, else the spread: 0.10, 0.05, 0.02; of one answer alone it is 0.
        ("Largest score change", ["broken.jpg", "fixed.jpg", "same.jpg", "wrong.jpg", "unsure.jpg", "failed.jpg"]),
        # The lower margin of the two: 0.10, 0.15, 0.30, 0.65, 0.75, 0.85.
        ("Lowest margin", ["unsure.jpg", "broken.jpg", "fixed.jpg", "same.jpg", "failed.jpg", "wrong.jpg"]),
        ("Slowest prediction", ALL),
    ],
)
def test_rows_are_sorted_in_the_chosen_order(open_app: OpenApp, known: Session, order: str, first: list[str]) -> None:
    app = open_matrix(open_app, known)

    app.selectbox(ORDER_KEY).set_value(order).run()

    assert names(app) == first


def test_a_row_shows_each_prediction_and_whether_it_is_correct(open_app: OpenApp, known: Session) -> None:
    table = open_matrix(open_app, known).dataframe[0].value.set_index("Image")

    assert dict(table.loc["fixed.jpg", ["True label", "v1", "v2"]]) == {
        "True label": "cat",
        "v1": "✗ dog",
        "v2": "✓ cat",
    }
    assert table.loc["fixed.jpg", "v2 score"] == pytest.approx(0.7)
    assert table.loc["fixed.jpg", "v2 latency"] == "125 ms"
    assert table.loc["failed.jpg", "v2"] == "Failed: The service is busy."
    assert table.loc["unsure.jpg", "v1"] == "owl"


def test_images_of_the_must_not_regress_set_are_marked_and_can_be_filtered(open_app: OpenApp, known: Session) -> None:
    resources.store().images.set_must_not_regress(known.id, [sha256_of("broken.jpg")], marked=True)
    app = open_matrix(open_app, known)

    table = app.dataframe[0].value.set_index("Image")["Must not regress"]
    app.pills(FILTERS_KEY).set_value(["Must not regress"]).run()

    assert {name for name, mark in table.items() if mark} == {"broken.jpg"}
    assert names(app) == ["broken.jpg"]


def test_a_session_without_a_must_not_regress_set_has_no_column_for_it(open_app: OpenApp, known: Session) -> None:
    assert "Must not regress" not in open_matrix(open_app, known).dataframe[0].value


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
