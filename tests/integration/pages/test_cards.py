"""What is on the cards, and which of them are on the page."""

import pytest
from streamlit.testing.v1 import AppTest

from lib.ui.cards import LABELS_KEY, PAGE_KEY, THRESHOLD_KEY
from lib.ui.current_session import NEW_SESSION_KEY
from lib.ui.predict.image_intake import DISMISS_KEY, INTAKE_KEY
from tests.builders.image_files import make_copy, make_frames, make_heic
from tests.integration.pages.conftest import OpenApp
from tests.integration.pages.page import (
    bars,
    charts,
    page_text,
    read_sample,
    session_of,
    upload,
    upload_named,
    wait_for_predictions,
)


def make_copies(count: int) -> dict[str, bytes]:
    """Files of one photograph; another resolution makes another file of the same picture."""
    return {f"copy-{place}.jpg": make_copy(read_sample("cat.jpg"), place) for place in range(count)}


def test_clicking_a_sample_adds_its_card(open_app: OpenApp) -> None:
    app = open_app()
    app.session_state[INTAKE_KEY] = "Samples"
    app.run()

    wait_for_predictions(app.button("sample-button-espresso.jpg").click().run())

    assert max(bars(app)["v1"], key=bars(app)["v1"].__getitem__) == "espresso"  # models/README.md says so


def test_the_labels_with_the_best_scores_are_on_the_card_by_default(open_app: OpenApp) -> None:
    app = upload(open_app(), cat_jpg=read_sample("cat.jpg"))

    assert app.slider(THRESHOLD_KEY).value == 0.5
    assert app.slider(LABELS_KEY).value == 5
    assert len(bars(app)["v1"]) == 5


def test_the_address_has_the_display_options(open_app: OpenApp) -> None:
    session_id = session_of(upload(open_app(), cat_jpg=read_sample("cat.jpg")))

    app = open_app(session=session_id, threshold="0.99", labels="2")

    assert len(bars(app)["v1"]) == 2
    assert "No label scores 0.99" in page_text(app)


def test_a_version_has_its_color_though_the_others_are_not_shown(open_app: OpenApp) -> None:
    session_id = session_of(upload(open_app(), cat_jpg=read_sample("cat.jpg")))

    both, alone = open_app(session=session_id), open_app(session=session_id, versions="v2")

    # Okabe & Ito (2008): orange is the second color.
    assert find_colors(both) == {"v1": "#0072B2", "v2": "#E69F00"}
    assert find_colors(alone) == {"v2": "#E69F00"}


def find_colors(app: AppTest) -> dict[str, str]:
    """The color of each version's bars on the first card; muted bars keep it, with less opacity."""
    return {trace["name"]: trace["marker"]["color"] for trace in charts(app)[0]["data"]}


@pytest.mark.parametrize("odd", [make_heic(), make_frames("GIF")], ids=["HEIC", "animated GIF"])
def test_a_valid_image_uploaded_with_an_invalid_one_gets_a_card(open_app: OpenApp, odd: bytes) -> None:
    app = upload(open_app(), odd_jpg=odd, cat_jpg=read_sample("cat.jpg"))

    assert len(charts(app)) == 2


def test_a_refused_file_is_gone_once_it_is_dismissed(open_app: OpenApp) -> None:
    app = upload(open_app(), empty_jpg=b"", cat_jpg=read_sample("cat.jpg"))
    assert "not added" in page_text(app)

    app.button(DISMISS_KEY).click().run()

    assert "not added" not in page_text(app)
    assert len(charts(app)) == 1


def test_cards_are_listed_latest_first_across_pages(open_app: OpenApp) -> None:
    app = upload_named(open_app(), {"first.jpg": read_sample("rocket.jpg")})
    upload_named(app, make_copies(12))
    assert len(charts(app)) == 12
    assert "first.jpg" not in page_text(app)

    app.session_state[PAGE_KEY] = 2
    app.run()

    assert len(charts(app)) == 1
    assert "first.jpg" in page_text(app)


def test_a_new_session_starts_empty_and_the_old_one_keeps_its_address(open_app: OpenApp) -> None:
    app = upload(open_app(), cat_jpg=read_sample("cat.jpg"))
    old = session_of(app)

    app.button(NEW_SESSION_KEY).click().run()

    assert not charts(app)
    assert "Upload photographs, take" in page_text(app)
    assert len(charts(open_app(session=old))) == 1
