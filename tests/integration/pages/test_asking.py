"""Which versions are asked, when, and how often."""

from lib.ui import providers
from lib.ui.job_controls import PREDICT_KEY, RETRY_KEY
from lib.ui.version_choice import VERSIONS_KEY
from lib.web import resources
from tests.builders.interpreter import interpreter_scores
from tests.integration.pages.conftest import OpenApp
from tests.integration.pages.page import (
    bars,
    charts,
    find_version,
    read_sample,
    session_of,
    upload,
    wait_for_answers,
    words,
)


def test_each_version_shows_its_own_scores(open_app: OpenApp) -> None:
    pagoda = read_sample("pagoda.jpg")

    drawn = bars(upload(open_app(), pagoda_jpg=pagoda))

    # LiteRT itself is asked: each bar is one of its scores, under the same label.
    assert drawn["v1"].items() <= interpreter_scores(pagoda, "v1").items()
    assert drawn["v2"].items() <= interpreter_scores(pagoda, "v2").items()


def test_a_version_taken_out_of_the_choice_comes_back_without_a_call(open_app: OpenApp) -> None:
    app = upload(open_app(), cat_jpg=read_sample("cat.jpg"))
    resources.prediction_service().stop()

    without = bars(app.multiselect(VERSIONS_KEY).set_value(["v2"]).run())
    back = bars(app.multiselect(VERSIONS_KEY).set_value(["v2", "v1"]).run())

    assert list(without) == ["v2"]
    assert list(back) == ["v2", "v1"]
    assert "Not predicted yet" not in words(app)


def test_predict_asks_only_the_version_that_was_never_asked(open_app: OpenApp) -> None:
    app = upload(open_app(versions="v1"), cat_jpg=read_sample("cat.jpg"))
    images = resources.store().images.find(session_of(app))
    before = resources.store().predictions.find([images[0].sha256], [find_version("v1")])
    app.multiselect(VERSIONS_KEY).set_value(["v1", "v2"]).run()

    wait_for_answers(app.button(PREDICT_KEY).click().run())

    after = resources.store().predictions.find([images[0].sha256], [find_version("v1")])
    assert list(bars(app)) == ["v1", "v2"]
    assert after == before


def test_answers_to_the_same_picture_are_used_again_in_another_session(open_app: OpenApp) -> None:
    first = upload(open_app(), cat_jpg=read_sample("cat.jpg"))
    resources.prediction_service().stop()

    second = upload(open_app(), again_jpg=read_sample("cat.jpg"))

    assert session_of(second) != session_of(first)
    assert bars(second) == bars(first)
    assert "again.jpg" in words(second)


def test_a_version_that_fails_leaves_the_bars_of_the_others(open_app: OpenApp) -> None:
    app = upload(open_app(family="faults", versions=["busy", "slow"]), cat_jpg=read_sample("cat.jpg"))

    assert list(bars(app)) == ["slow"]
    assert "busy: The built-in service received too many requests for busy" in words(app)
    assert "busy failed on 1 image" in words(app)


def test_a_version_that_is_not_deployed_says_so_and_answers_once_it_is(open_app: OpenApp) -> None:
    app = open_app()
    list(providers.clients()["built-in"].undeploy(find_version("v1")))
    upload(app, cat_jpg=read_sample("cat.jpg"))
    assert list(bars(app)) == ["v2"]
    assert "v1: " in words(app)
    assert "not deployed" in words(app)

    list(providers.clients()["built-in"].deploy(find_version("v1"), nodes=1))
    wait_for_answers(app.button(RETRY_KEY).click().run())

    assert list(bars(app)) == ["v1", "v2"]
    assert "not deployed" not in words(app)


def test_one_image_that_failed_does_not_make_the_others_be_asked_again(open_app: OpenApp) -> None:
    app = upload(open_app(versions="v1"), cat_jpg=read_sample("cat.jpg"))
    list(providers.clients()["built-in"].undeploy(find_version("v1")))
    upload(app, rocket_jpg=read_sample("rocket.jpg"))

    assert len(charts(app)) == 1
    assert "v1 failed on 1 image" in words(app)
