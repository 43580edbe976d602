"""The Robustness page: the cost shown before a probe, its results, and what a blind review hides."""

from collections.abc import Callable

import pytest
from streamlit.testing.v1 import AppTest

from lib.domain.jobs import JobKind, Progress
from lib.domain.reviews import Review, ReviewMode
from lib.images.perturbations import EVERYDAY
from lib.ui.comparison_settings import THRESHOLD_KEY as FROM_KEY
from lib.ui.robustness.probe_controls import PROBE_KEY, SEED_KEY, SIZE_KEY, TABS_KEY, WHOLE_KEY
from lib.ui.version_choice import VERSIONS_KEY
from lib.web import providers, resources
from lib.workflows.jobs import Job
from lib.workflows.probe import find_probe, start_probe
from tests.builders.values import ADMIN, NOON
from tests.integration.pages.conftest import OpenApp
from tests.integration.pages.page import charts, page_text, read_sample, session_of, upload

_TIMEOUT_S = 60


@pytest.fixture
def session_id(open_app: OpenApp) -> str:
    """A session with two photographs predicted by both versions."""
    app = upload(open_app(), cat_jpg=read_sample("cat.jpg"), espresso_jpg=read_sample("espresso.jpg"))
    return session_of(app)


def probe(app: AppTest, session_id: str) -> AppTest:
    """Select the button, wait for all predictions, and redraw the page."""
    app.button(PROBE_KEY).click().run()
    for job in resources.jobs().find_running(JobKind.PROBE, session_id):
        job.wait(_TIMEOUT_S)
    return app.run()


class EndingJob(Job[None]):
    """A probe that makes its last predictions and ends just when a page asks how far it is."""

    def __init__(self, session_id: str, finish: Callable[[], None]) -> None:
        super().__init__(JobKind.PROBE, session_id)
        self._finish = finish
        self.begin()

    def progress(self) -> Progress:
        if self.ended_s is None:
            self._finish()
            self.end()
        return super().progress()


def first_image(session_id: str) -> str:
    return resources.store().images.find(session_id)[0].sha256


def test_calls_and_time_are_announced_before_the_probe_starts(open_app: OpenApp, session_id: str) -> None:
    text = page_text(open_app("robustness", session=session_id))

    assert "44 calls to v1 and v2, about " in text
    assert "11 edits of 2 images." in text


def test_a_probe_that_ends_while_the_page_is_drawn_is_shown_whole(open_app: OpenApp, session_id: str) -> None:
    def finish() -> None:
        store, context = resources.store(), providers.prediction_context("built-in")
        versions = store.predictions.find_versions(session_id)
        missing = find_probe(store, session_id, store.images.find(session_id), versions, EVERYDAY)
        start_probe(context, ADMIN, session_id, missing.find_missing_tasks(), resources.probing()).wait(_TIMEOUT_S)

    resources.jobs().add(EndingJob(session_id, finish))

    app = open_app("robustness", session=session_id)

    assert "of 22 perturbed images" in page_text(app)
    assert PROBE_KEY not in [button.key for button in app.button]


def test_flips_are_shown_for_each_edit_and_version(open_app: OpenApp, session_id: str) -> None:
    app = probe(open_app("robustness", session=session_id), session_id)

    (figure,) = charts(app)
    assert [len(drawn["y"]) for drawn in figure["data"]] == [11, 11]
    assert all(text.endswith("of 2") for drawn in figure["data"] for text in drawn["text"])
    assert "v1 changes its top label for " in page_text(app)
    assert "of 22 perturbed images" in page_text(app)
    assert PROBE_KEY not in [button.key for button in app.button]


def test_a_score_threshold_needs_no_calls(open_app: OpenApp, session_id: str) -> None:
    app = probe(open_app("robustness", session=session_id), session_id)

    app.slider(FROM_KEY).set_value(1.0).run()

    # No label reaches 1 before or after: nothing flips.
    assert "v1 changes its top label for 0 of 22 perturbed images (0.0%" in page_text(app)


def test_a_smaller_sample_needs_fewer_calls_and_the_same_number_draws_the_same_images(
    open_app: OpenApp, session_id: str
) -> None:
    app = open_app("robustness", session=session_id)

    app.number_input(SIZE_KEY).set_value(1).run()
    text = page_text(app)
    app.number_input(SEED_KEY).set_value(2).run()
    app.number_input(SEED_KEY).set_value(1).run()

    assert "22 calls to v1 and v2" in text
    assert "11 edits of 1 image." in text
    assert page_text(app) == text


def test_one_image_shows_its_label_after_each_edit(open_app: OpenApp, session_id: str) -> None:
    app = open_app("robustness", session=session_id, image=first_image(session_id))

    probe(app, session_id)

    (table,) = app.table
    assert list(table.value.columns) == ["Edit", "v1", "v2"]
    assert table.value["Edit"][0] == "None"
    assert len(table.value) == 12
    assert "of 11 perturbed images" in page_text(app)


def test_a_button_leads_from_one_image_back_to_a_sample(open_app: OpenApp, session_id: str) -> None:
    app = open_app("robustness", session=session_id, image=first_image(session_id))

    app.button(WHOLE_KEY).click().run()

    assert "Drawn from the 2 images that all selected versions predicted." in page_text(app)


def test_a_map_for_each_version_shows_which_parts_matter_to_any_label(open_app: OpenApp, session_id: str) -> None:
    image = first_image(session_id)
    app = open_app("robustness", session=session_id, image=image, **{TABS_KEY: "Saliency"})
    announced = page_text(app)

    probe(app, session_id)
    first, second = charts(app)
    label = next(box for box in app.selectbox if str(box.key).startswith("probed-label"))
    label.set_value(label.options[3]).run()

    # 4 x 4 and 7 x 7 patches, two versions.
    assert "130 calls to v1 and v2" in announced
    assert first["data"][0]["z"]["shape"] == second["data"][0]["z"]["shape"] == "7, 7"
    assert first["layout"]["images"][0]["source"] == second["layout"]["images"][0]["source"]
    assert f"{label.options[3]}: " in page_text(app)
    assert PROBE_KEY not in [button.key for button in app.button]


def test_stored_results_are_not_predicted_again(open_app: OpenApp, session_id: str) -> None:
    app = open_app("robustness", session=session_id)
    app.multiselect(VERSIONS_KEY).set_value(["v1"]).run()
    probe(app, session_id)

    app.multiselect(VERSIONS_KEY).set_value(["v1", "v2"]).run()

    assert "22 calls to v2, about " in page_text(app)
    assert "22 predictions stored already." in page_text(app)


def test_without_images_the_page_explains_what_it_is_for(open_app: OpenApp) -> None:
    open_app("robustness")
    empty = resources.store().sessions.create("Empty", NOON)

    assert "Open a session with images first." in page_text(open_app("robustness", session=empty.id))


def test_images_without_predictions_of_a_chosen_version_must_be_predicted_first(open_app: OpenApp) -> None:
    app = upload(open_app(versions=["v1"]), cat_jpg=read_sample("cat.jpg"))

    app = open_app("robustness", session=session_of(app), versions=["v1", "v2"])

    assert "No images predicted by v1 and v2 yet. Predict first, then come back." in page_text(app)


def test_a_blind_review_hides_predictions(open_app: OpenApp, session_id: str) -> None:
    open_app("robustness", session=session_id)
    resources.store().reviews.change(session_id, Review(ReviewMode.BLIND))

    app = open_app("robustness", session=session_id)

    assert "under blind review" in page_text(app)
    assert "v1" not in page_text(app)
