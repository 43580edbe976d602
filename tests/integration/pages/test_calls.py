"""Which versions are called, when, and how often."""

from lib.ui.job_controls import PREDICT_KEY, RETRY_KEY
from lib.ui.version_choice import VERSIONS_KEY
from lib.web import providers, resources
from tests.builders.interpreter import interpreter_scores
from tests.integration.pages.conftest import OpenApp
from tests.integration.pages.page import (
    bars,
    charts,
    find_version,
    page_text,
    read_sample,
    session_of,
    upload,
    wait_for_predictions,
)


def test_each_version_shows_its_own_scores(open_app: OpenApp) -> None:
    pagoda = read_sample("pagoda.jpg")

    drawn = bars(upload(open_app(), pagoda_jpg=pagoda))

    # Scores come from LiteRT itself: each bar is one of its scores, under the same label.
    assert drawn["v1"].items() <= interpreter_scores(pagoda, "v1").items()
    assert drawn["v2"].items() <= interpreter_scores(pagoda, "v2").items()


def test_a_version_that_is_selected_again_is_not_called_again(open_app: OpenApp) -> None:
    app = upload(open_app(), cat_jpg=read_sample("cat.jpg"))
    resources.prediction_service().stop()

    without = bars(app.multiselect(VERSIONS_KEY).set_value(["v2"]).run())
    back = bars(app.multiselect(VERSIONS_KEY).set_value(["v2", "v1"]).run())

    assert list(without) == ["v2"]
    assert list(back) == ["v2", "v1"]
    assert "Not predicted yet" not in page_text(app)


def test_predict_calls_only_the_version_without_predictions(open_app: OpenApp) -> None:
    app = upload(open_app(versions="v1"), cat_jpg=read_sample("cat.jpg"))
    images = resources.store().images.find(session_of(app))
    before = resources.store().predictions.find([images[0].sha256], [find_version("v1")])
    app.multiselect(VERSIONS_KEY).set_value(["v1", "v2"]).run()

    wait_for_predictions(app.button(PREDICT_KEY).click().run())

    after = resources.store().predictions.find([images[0].sha256], [find_version("v1")])
    assert list(bars(app)) == ["v1", "v2"]
    assert after == before


def test_predictions_of_the_same_image_are_reused_in_another_session(open_app: OpenApp) -> None:
    first = upload(open_app(), cat_jpg=read_sample("cat.jpg"))
    resources.prediction_service().stop()

    second = upload(open_app(), again_jpg=read_sample("cat.jpg"))

    assert session_of(second) != session_of(first)
    assert bars(second) == bars(first)
    assert "again.jpg" in page_text(second)


def test_a_failed_version_does_not_hide_the_scores_of_others(open_app: OpenApp) -> None:
    app = upload(open_app(family="faults", versions=["busy", "slow"]), cat_jpg=read_sample("cat.jpg"))

    assert list(bars(app)) == ["slow"]
    assert "busy: The built-in service received too many requests for busy" in page_text(app)
    assert "busy failed on 1 image" in page_text(app)


def test_a_version_that_is_not_deployed_is_marked_and_predicts_once_it_is(open_app: OpenApp) -> None:
    app = open_app()
    list(providers.clients()["built-in"].undeploy(find_version("v1")))
    upload(app, cat_jpg=read_sample("cat.jpg"))
    assert list(bars(app)) == ["v2"]
    assert "v1: " in page_text(app)
    assert "not deployed" in page_text(app)

    list(providers.clients()["built-in"].deploy(find_version("v1"), nodes=1))
    wait_for_predictions(app.button(RETRY_KEY).click().run())

    assert list(bars(app)) == ["v1", "v2"]
    assert "not deployed" not in page_text(app)


def test_retrying_one_failed_image_does_not_call_for_the_others(open_app: OpenApp) -> None:
    app = upload(open_app(versions="v1"), cat_jpg=read_sample("cat.jpg"))
    list(providers.clients()["built-in"].undeploy(find_version("v1")))
    upload(app, rocket_jpg=read_sample("rocket.jpg"))

    assert len(charts(app)) == 1
    assert "v1 failed on 1 image" in page_text(app)
