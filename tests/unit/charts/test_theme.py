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


def test_version_colors_do_not_depend_on_the_baseline() -> None:
    # Okabe & Ito (2008): blue, orange, bluish green.
    colors = {"v1": "#0072B2", "v2": "#E69F00", "v10": "#009E73"}

    assert assign_colors(["v1", "v2", "v10"]) == colors
    assert assign_colors(["v10", "v2", "v1"]) == colors


def test_labels_cannot_close_the_script_of_a_figure() -> None:
    labels = ("</script><script>alert(1)</script>", "<!-- \u2028 \u2029")
    figure = confusion_grid(Confusion(labels, np.ones((2, 2), int), np.ones((2, 2), int)), Side.BASELINE)

    embedded = to_script_json(figure)

    assert not {"<", "\u2028", "\u2029"} & set(embedded)
    assert json.loads(embedded)["layout"]["xaxis"]["ticktext"] == list(figure.layout.xaxis.ticktext)


def test_the_plotly_script_can_be_embedded_in_a_page() -> None:
    assert "</script" not in plotly_script()
