"""The Compare page: verdict, details, and messages when there is little data."""

from dataclasses import replace

import pytest
from streamlit.testing.v1 import AppTest

from lib.domain.predictions import Prediction, Record
from lib.domain.sessions import Session
from lib.ui.compare.detail_tabs import TABS_KEY
from lib.ui.compare.flips_tab import FLIPS_KEY
from lib.ui.compare.verdicts import SCOPE_KEY
from lib.ui.comparison_settings import MARGIN_KEY
from lib.ui.comparison_settings import THRESHOLD_KEY as FROM_KEY
from lib.ui.version_choice import VERSIONS_KEY
from lib.web import resources
from tests.builders.compared_session import Row, fill_session
from tests.builders.values import NOON, make_prepared_image
from tests.integration.pages.conftest import OpenApp
from tests.integration.pages.known_session import make_known_session, sha256_of
from tests.integration.pages.page import charts, find_version, page_text, unescape_markdown


@pytest.fixture
def known(open_app: OpenApp) -> Session:
    open_app("history")
    return make_known_session()


def open_compare(open_app: OpenApp, session: Session, **parameters: str | list[str]) -> AppTest:
    return open_app("compare", session=session.id, **parameters)


def opened(app: AppTest) -> list[str]:
    """Names on the cards, from the first."""
    return [button.label.replace("\\", "") for button in app.button if str(button.key).startswith("open-pair")]


def test_the_verdict_is_shown_with_its_numbers(open_app: OpenApp, known: Session) -> None:
    text = page_text(open_compare(open_app, known))

    # Four of the five images that both answered are known: one fix, one regression, one right and one wrong by both.
    assert "both get the same number right (1 fix, 1 regression)" in text
    assert "v1 is right on 50.0% of images like these" in text
    assert "The versions agree on 60% of 5 images" in text
    assert "Left out: 1 image without predictions of both versions." in text


def test_regressions_come_first_and_fixes_and_disagreements_are_a_click_away(open_app: OpenApp, known: Session) -> None:
    app = open_compare(open_app, known)

    regressions = opened(app)
    fixes = opened(app.segmented_control(FLIPS_KEY).set_value("Fixes").run())
    disagreements = opened(app.segmented_control(FLIPS_KEY).set_value("Disagreements").run())

    assert (regressions, fixes) == (["broken.jpg"], ["fixed.jpg"])
    assert disagreements == ["broken.jpg", "fixed.jpg"]


def mark(session: Session, *names: str) -> None:
    resources.store().images.set_must_not_regress(session.id, [sha256_of(name) for name in names], marked=True)


def test_a_regression_in_the_must_not_regress_set_is_named_before_the_verdict(
    open_app: OpenApp, known: Session
) -> None:
    mark(known, "broken.jpg", "fixed.jpg")

    app = open_compare(open_app, known)

    shown = [unescape_markdown(str(getattr(element, "value", ""))) for element in app.main]
    regression = "v2 gets 1 must-not-regress image wrong that v1 gets right: broken.jpg."
    verdicts = [place for place, text in enumerate(shown) if "No significant difference" in text]
    assert [error.value for error in app.error if unescape_markdown(error.value) == regression] != []
    assert shown.index(regression) < min(verdicts)
    assert "Must not regress" in page_text(app)


def test_a_must_not_regress_image_without_a_prediction_is_reported_as_unchecked(
    open_app: OpenApp, known: Session
) -> None:
    mark(known, "failed.jpg", "same.jpg")

    app = open_compare(open_app, known)

    assert list(app.error) == []
    assert "Not checked yet: 1 must-not-regress image without a label" in page_text(app)


def test_a_card_opens_the_image_with_all_its_bars(open_app: OpenApp, known: Session) -> None:
    app = open_compare(open_app, known)

    app.button(f"open-pair-{sha256_of('broken.jpg')}").click().run()

    assert sha256_of("broken.jpg") in [code.value for code in app.code]


def test_without_ground_truth_the_disagreements_are_shown(open_app: OpenApp, known: Session) -> None:
    store = resources.store()
    images = [image.sha256 for image in store.images.find(known.id)]
    store.annotations.set_true_labels(known.id, images, None, "Ada", known.created_at)

    app = open_compare(open_app, known)

    assert "More labels cannot decide" in page_text(app)
    assert opened(app) == ["broken.jpg", "fixed.jpg"]


@pytest.mark.parametrize(
    ("tab", "text"),
    [
        ("Confusion", "Click a cell to see its labeled images"),
        ("Calibration", "4 of at least 100 images have ground truth"),
        ("Thresholds", "No threshold reaches 95%"),
        ("Latency", "Per image, v2 takes"),
        ("Latency", "Fewer than six independent images: too few to tell."),
        ("Labels", "The top label counts as predicted. From 4 labels of 5 images."),
    ],
)
def test_each_detail_has_its_tab(open_app: OpenApp, known: Session, tab: str, text: str) -> None:
    app = open_compare(open_app, known, **{TABS_KEY: tab})

    assert text in page_text(app)


def test_calibration_is_shown_beside_that_of_a_perfect_version(open_app: OpenApp) -> None:
    open_app("history")
    session = resources.store().sessions.create("Kittens", NOON)
    fill_session(resources.store(), session, [Row(second="dog")] * 100, (find_version("v1"), find_version("v2")))

    app = open_app("compare", session=session.id, **{TABS_KEY: "Calibration"})

    # All scores are 0.75; all labels of v1 are right: 0.25 away from what they promise. SciPy's binomial distribution
    # of 10 at 0.75 has a mean distance of 0.113, in tenths, from 7.5.
    assert "v1: expected calibration error 0.250 (a perfectly calibrated version would show 0.1" in page_text(app)


@pytest.mark.parametrize(
    "tab", ["Fixes and regressions", "Confusion", "Calibration", "Thresholds", "Latency", "Labels"]
)
def test_every_tab_works_with_one_image_without_ground_truth(open_app: OpenApp, known: Session, tab: str) -> None:
    store = resources.store()
    store.annotations.set_true_labels(
        known.id, [image.sha256 for image in store.images.find(known.id)], None, "Ada", known.created_at
    )

    app = open_compare(open_app, known, **{TABS_KEY: tab})

    assert "More labels cannot decide" in page_text(app)


def test_the_score_threshold_changes_the_verdict(open_app: OpenApp, known: Session) -> None:
    app = open_compare(open_app, known)

    app.slider(FROM_KEY).set_value(0.78).run()

    # same.jpg 0.90 and 0.80 still count, and wrong.jpg; broken.jpg and fixed.jpg have no label from either any more.
    assert "The versions agree on all 5 images" in page_text(app)
    assert "No label scores 0.78 or more for 3 images with v1 and 3 with v2" in page_text(app)


def test_the_margin_is_in_points(open_app: OpenApp, known: Session) -> None:
    app = open_compare(open_app, known)

    app.number_input(MARGIN_KEY).set_value(2.0).run()

    assert "No significant difference" in page_text(app)


def test_all_sessions_are_compared_on_demand(open_app: OpenApp, known: Session) -> None:
    app = open_compare(open_app, known)

    app.segmented_control(SCOPE_KEY).set_value("All sessions").run()

    assert "both get the same number right (1 fix, 1 regression)" in page_text(app)
    assert "Left out" not in page_text(app)


def test_with_one_version_the_page_explains_what_to_do(open_app: OpenApp, known: Session) -> None:
    app = open_compare(open_app, known)

    app.multiselect(VERSIONS_KEY).set_value(["v1"]).run()

    assert "Select at least two versions in the sidebar." in page_text(app)


def test_images_predicted_by_one_version_leave_nothing_to_compare(open_app: OpenApp) -> None:
    open_app("history")
    session = resources.store().sessions.create("Empty", make_known_session().created_at)

    app = open_compare(open_app, session)

    assert "No images predicted by both versions yet." in page_text(app)


def test_the_confusion_can_be_clicked_cell_by_cell(open_app: OpenApp, known: Session) -> None:
    app = open_compare(open_app, known, **{TABS_KEY: "Confusion"})

    _, figure = charts(app)

    assert figure["layout"]["xaxis"]["ticktext"] == ["cat", "dog"]
    assert figure["data"][1]["customdata"] == [[0, 0], [0, 1], [1, 0], [1, 1]]


def test_trends_have_a_chart_for_each_question(open_app: OpenApp, known: Session) -> None:
    app = open_app("history", session=known.id, view="matrix", part="Trends")

    accuracy, agreement, *_ = charts(app)

    # Both are right on two of four; v2 says the same on three of the five images that both answered.
    assert accuracy["data"][0]["y"] == [0.5, 0.5]
    assert agreement["data"][0]["y"] == [None, 0.6]


def test_truncated_predictions_are_mentioned_with_the_verdict_and_on_the_card(
    open_app: OpenApp, known: Session
) -> None:
    store = resources.store()
    truncated = replace(
        make_prepared_image(b"cut", "cut.jpg"), thumbnail=store.images.get_thumbnail(sha256_of("same.jpg"))
    )
    store.images.add(known.id, truncated, known.created_at)
    outcome = Prediction(("cat", "dog"), (0.5, 0.25), truncated=True)
    sha256 = truncated.image.sha256
    store.predictions.add(Record(sha256, find_version("v2"), known.id, known.created_at, 0.1, outcome))

    verdict = page_text(open_compare(open_app, known))
    card = page_text(open_app("predict", session=known.id, versions=["v1", "v2"]))

    assert "Predictions of v2 are truncated: the provider left out the lowest scores, which count as 0 here." in verdict
    assert "v2 returned only the highest scores" in card
