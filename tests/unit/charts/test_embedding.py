"""Figures for a page of their own."""

import json

import numpy as np

from lib.charts.confusion_grids import confusion_grid
from lib.charts.theme import plotly_script, to_script_json
from lib.stats.confusion import Confusion, Side


def test_a_figure_cannot_leave_its_script_whatever_its_labels_say() -> None:
    labels = ("</script><script>alert(1)</script>", "<!-- \u2028 \u2029")
    figure = confusion_grid(Confusion(labels, np.ones((2, 2), int), np.ones((2, 2), int)), Side.BASELINE)

    embedded = to_script_json(figure)

    assert not {"<", "\u2028", "\u2029"} & set(embedded)
    assert json.loads(embedded)["layout"]["xaxis"]["ticktext"] == list(figure.layout.xaxis.ticktext)


def test_plotlys_script_can_stand_in_a_page() -> None:
    assert "</script" not in plotly_script()
