"""A session as a matrix: its rows, filters and orders."""

import pytest
from streamlit.testing.v1 import AppTest

from lib.domain.sessions import Session
from lib.ui.comparison_settings import THRESHOLD_KEY as FROM_KEY
from lib.ui.history.filter_controls import BELOW_KEY, FILTERS_KEY, LABEL_KEY, ORDER_KEY
from lib.web import resources
from tests.integration.pages.conftest import OpenApp
from tests.integration.pages.known_session import sha256_of
from tests.integration.pages.page import (
    open_matrix,
    page_text,
)

ALL = ["same.jpg", "fixed.jpg", "broken.jpg", "wrong.jpg", "failed.jpg", "unsure.jpg"]


def names(app: AppTest) -> list[str]:
    """The names of the matrix's rows, from the top; empty where there is none."""
    return [name for table in app.dataframe for name in table.value["Image"]]


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
