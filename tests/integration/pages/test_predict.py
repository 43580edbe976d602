"""The Predict page, run in this process on a real store and the real service."""

from pathlib import Path

import pytest

from lib.ui.cards import LABELS_KEY, THRESHOLD_KEY
from lib.ui.defects import DEFECT_MESSAGE
from lib.ui.job_controls import PREDICT_KEY, RETRY_KEY
from lib.ui.predict.image_intake import ALL_SAMPLES_KEY, CAMERA_KEY, INTAKE_KEY
from lib.ui.version_choice import FAMILY_KEY, PROJECT_KEY, PROVIDER_KEY, REGION_KEY, VERSIONS_KEY
from lib.web import resources
from tests.builders.image_files import make_copy
from tests.builders.interpreter import interpreter_scores
from tests.integration.pages.conftest import OpenApp
from tests.integration.pages.page import (
    charts,
    choose_no_version,
    page_text,
    read_sample,
    session_of,
    upload,
    upload_named,
    wait_for_predictions,
)


def test_predicting_requires_no_settings(open_app: OpenApp) -> None:
    app = open_app()

    assert app.selectbox(PROVIDER_KEY).value == "built-in"
    assert app.selectbox(PROJECT_KEY).value == "second-look"
    assert app.selectbox(REGION_KEY).value == "us-central1"
    assert app.selectbox(FAMILY_KEY).value == "imagenet"
    assert app.multiselect(VERSIONS_KEY).value == ["v1", "v2"]
    assert not app.exception


def test_every_file_becomes_a_card_with_the_scores_of_the_interpreter(open_app: OpenApp) -> None:
    espresso = read_sample("espresso.jpg")

    app = upload(open_app(), espresso_jpg=espresso)

    (figure,) = charts(app)
    expected = interpreter_scores(espresso, "v1")
    first = figure["data"][0]
    assert first["name"] == "v1"
    assert dict(zip(first["customdata"], first["x"], strict=True)) == pytest.approx(
        {label: expected[label] for label in first["customdata"]}, abs=1e-6
    )
    assert [bars["name"] for bars in figure["data"]] == ["v1", "v2"]


def test_several_files_become_cards_at_once(open_app: OpenApp) -> None:
    app = upload(open_app(), cat_jpg=read_sample("cat.jpg"), rocket_jpg=read_sample("rocket.jpg"))

    assert len(charts(app)) == 2
    assert "cat.jpg" in page_text(app)
    assert "451 × 300 px · 29 kB" in page_text(app)


def test_a_duplicate_file_is_shown_once_with_a_message(open_app: OpenApp) -> None:
    cat = read_sample("cat.jpg")

    app = upload(open_app(), cat_jpg=cat, copy_jpg=cat)

    assert len(charts(app)) == 1
    assert "Already in this session." in page_text(app)


def test_a_webcam_snapshot_becomes_a_card(open_app: OpenApp) -> None:
    app = open_app()
    app.session_state[INTAKE_KEY] = "Webcam"
    app.run()

    app.camera_input(CAMERA_KEY).upload("snapshot.jpg", read_sample("cat.jpg"), "image/jpeg").run()
    wait_for_predictions(app)

    assert len(charts(app)) == 1
    assert "Webcam" in page_text(app)


def test_one_click_adds_all_samples(open_app: OpenApp) -> None:
    app = open_app()
    app.session_state[INTAKE_KEY] = "Samples"
    app.run()

    app.button(ALL_SAMPLES_KEY).click().run()
    wait_for_predictions(app)

    assert len(charts(app)) == 11


def test_cards_are_split_into_pages(open_app: OpenApp) -> None:
    cat = read_sample("cat.jpg")

    app = upload_named(open_app(), {f"{place}.jpg": make_copy(cat, place) for place in range(13)})

    assert len(charts(app)) == 12


def test_display_options_apply_to_stored_predictions_without_a_call(open_app: OpenApp) -> None:
    app = upload(open_app(), espresso_jpg=read_sample("espresso.jpg"))
    resources.prediction_service().stop()

    app.slider(THRESHOLD_KEY).set_value(1.0)
    app.slider(LABELS_KEY).set_value(3).run()

    (figure,) = charts(app)
    assert figure["layout"]["shapes"][0]["x0"] == 1.0
    assert len(figure["data"][0]["x"]) == 3
    assert set(figure["data"][0]["marker"]["opacity"]) == {0.35}
    assert "No label scores 1.00 or more" in page_text(app)


def test_opening_an_address_shows_stored_cards_without_a_call(open_app: OpenApp) -> None:
    session_id = session_of(upload(open_app(), cat_jpg=read_sample("cat.jpg")))
    resources.prediction_service().stop()

    app = open_app(session=session_id)

    assert len(charts(app)) == 1
    assert not app.exception


def test_an_address_of_an_unknown_session_shows_a_message_and_offers_a_new_one(open_app: OpenApp) -> None:
    app = open_app(session="nobody")

    assert "There is no session at this address" in page_text(app)
    assert DEFECT_MESSAGE not in page_text(app)
    next(button for button in app.button if button.label == "Start new session").click().run()
    assert "Upload photographs, take" in page_text(app)


def test_a_version_added_later_predicts_only_on_request(open_app: OpenApp) -> None:
    app = upload(open_app(versions="v1"), cat_jpg=read_sample("cat.jpg"))
    app.multiselect(VERSIONS_KEY).set_value(["v1", "v2"]).run()
    assert "Not predicted yet: v2" in page_text(app)

    app.button(PREDICT_KEY).click().run()
    wait_for_predictions(app)

    (figure,) = charts(app)
    assert [bars["name"] for bars in figure["data"]] == ["v1", "v2"]


def test_a_busy_version_is_reported_on_the_card_and_can_be_retried(open_app: OpenApp) -> None:
    app = upload(open_app(family="faults", versions="busy"), cat_jpg=read_sample("cat.jpg"))

    assert "too many requests" in page_text(app)
    app.button(RETRY_KEY).click().run()
    wait_for_predictions(app)
    assert "too many requests" in page_text(app)


@pytest.mark.parametrize(
    ("version", "sentence"),
    [("slow", "timed out on slow"), ("dropped", "Cannot reach the built-in service for dropped")],
)
def test_a_failed_service_shows_an_actionable_message(
    open_app: OpenApp, monkeypatch: pytest.MonkeyPatch, version: str, sentence: str
) -> None:
    monkeypatch.setenv("SECOND_LOOK_ANSWER_WITHIN_S", "0.5")

    app = upload(open_app(family="faults", versions=version), cat_jpg=read_sample("cat.jpg"))

    assert sentence in page_text(app)
    assert "try again" in page_text(app)


def test_a_version_that_fails_at_first_predicts_after_retries(
    open_app: OpenApp, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SECOND_LOOK_RETRY_FOR_S", "10")

    app = upload(open_app(family="faults", versions="flaky"), cat_jpg=read_sample("cat.jpg"))

    assert len(charts(app)) == 1


def test_an_unreachable_service_is_reported_and_predicts_once_it_is_back(
    open_app: OpenApp, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SECOND_LOOK_RETRY_FOR_S", "3")
    app = open_app()
    address = resources.grpc_address()
    resources.prediction_service().stop()
    upload(app, cat_jpg=read_sample("cat.jpg"))
    assert "Cannot reach the built-in service for v1" in page_text(app)

    folder = Path(address.removeprefix("unix:")).parent
    folder.mkdir(mode=0o700)
    resources.prediction_service().start_grpc(address)
    app.button(RETRY_KEY).click().run()
    wait_for_predictions(app)

    assert len(charts(app)) == 1
    assert "Cannot reach " not in page_text(app)
    resources.prediction_service().stop()
    folder.rmdir()


def test_without_a_version_the_page_asks_to_select_one(open_app: OpenApp) -> None:
    app = open_app()

    choose_no_version(app)

    assert "Select at least one version" in page_text(app)
    assert not app.file_uploader


def test_a_new_session_keeps_the_selected_versions(open_app: OpenApp) -> None:
    upload(open_app(family="faults", versions="busy"), cat_jpg=read_sample("cat.jpg"))

    app = upload(open_app(), cat_jpg=read_sample("cat.jpg"))

    assert app.selectbox(FAMILY_KEY).value == "imagenet"
    assert app.multiselect(VERSIONS_KEY).value == ["v1", "v2"]
    assert len(charts(app)) == 1


def test_opening_a_session_selects_the_versions_that_predicted_in_it(open_app: OpenApp) -> None:
    session_id = session_of(upload(open_app(versions="v2", region="eu"), cat_jpg=read_sample("cat.jpg")))

    app = open_app(session=session_id)

    assert app.selectbox(REGION_KEY).value == "eu"
    assert app.multiselect(VERSIONS_KEY).value == ["v2"]
    assert len(charts(app)) == 1
