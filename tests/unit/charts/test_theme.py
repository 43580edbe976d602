"""Layout and colors of charts, and figures in exported reports."""

import json

import numpy as np
import pytest

from lib.charts.confusion_grids import confusion_grid
from lib.charts.theme import assign_colors, escape_text, make_figure, plotly_script, to_script_json, truncate_label
from lib.stats.confusion import Confusion, Side


def test_the_background_is_transparent_and_the_page_sets_the_theme() -> None:
    layout = make_figure([]).layout

    assert (layout.paper_bgcolor, layout.plot_bgcolor) == ("rgba(0,0,0,0)",) * 2
    assert layout.template.layout.to_plotly_json() == {}


def test_an_unknown_figure_property_is_rejected() -> None:
    with pytest.raises(ValueError, match="color"):
        make_figure([{"type": "bar", "color": "red"}])


def test_a_label_that_fits_is_not_truncated() -> None:
    assert truncate_label("x" * 22) == "x" * 22


def test_a_label_that_does_not_fit_ends_in_an_ellipsis() -> None:
    assert truncate_label("x" * 23) == "x" * 21 + "…"


def test_a_label_is_truncated_before_its_markup_is_escaped() -> None:
    # Escaped first, it would be cut within "&lt;" and show a part of it.
    assert truncate_label("<" * 23) == "&lt;" * 21 + "…"


def test_markup_is_escaped() -> None:
    assert escape_text('<b>"salt" & pepper</b>') == '&lt;b&gt;"salt" &amp; pepper&lt;/b&gt;'


def test_formulas_are_escaped() -> None:
    # Plotly knows a number of HTML's entities, and takes no formula that is written with one.
    assert escape_text("$x$") == "&#36;x&#36;"


# Okabe & Ito (2008): blue, orange, bluish green, reddish purple, sky blue, vermilion.
BLUE, ORANGE, GREEN, PURPLE, SKY, VERMILION = "#0072B2", "#E69F00", "#009E73", "#CC79A7", "#56B4E9", "#D55E00"


def test_versions_keep_their_color_whichever_is_the_baseline_and_whichever_are_shown() -> None:
    assert assign_colors({"v1": 0, "v2": 1, "v10": 2}) == {"v1": BLUE, "v2": ORANGE, "v10": GREEN}
    assert assign_colors({"v10": 2, "v2": 1}) == {"v10": GREEN, "v2": ORANGE}


def test_versions_that_were_never_requested_come_after_the_others_in_the_order_of_their_names() -> None:
    assert assign_colors({"v10": None, "v9": None, "v3": 0}) == {"v10": GREEN, "v9": ORANGE, "v3": BLUE}


def test_no_two_versions_share_a_color_although_a_session_has_more_versions_than_colors() -> None:
    assert assign_colors({"v1": 0, "v7": 6, "v8": 7}) == {"v1": BLUE, "v7": ORANGE, "v8": GREEN}


def test_labels_cannot_close_the_script_of_a_figure() -> None:
    labels = ("</script><script>alert(1)</script>", "<!-- \u2028 \u2029")
    figure = confusion_grid(Confusion(labels, np.ones((2, 2), int), np.ones((2, 2), int)), Side.BASELINE)

    embedded = to_script_json(figure)

    assert not {"<", "\u2028", "\u2029"} & set(embedded)
    assert json.loads(embedded)["layout"]["xaxis"]["ticktext"] == list(figure.layout.xaxis.ticktext)


def test_the_plotly_script_can_be_embedded_in_a_page() -> None:
    assert "</script" not in plotly_script()
