"""Bars of flipped labels."""

from lib.charts.flip_shares import describe_flips, flip_shares
from lib.stats.robustness import Robustness

ROWS: dict[str, list[Robustness | None]] = {
    "v1": [Robustness(10, 3, 0.1), None],
    "<b>v2": [Robustness(10, 0, 0.0), Robustness(4, 4, 0.5)],
}
COLORS = {"v1": "#0072B2", "<b>v2": "#E69F00"}
CHANGES = ["Turned by 5°", "Blurred"]


def test_each_version_has_a_bar_for_each_change_in_its_color() -> None:
    v1, v2 = flip_shares(ROWS, CHANGES, COLORS).data

    assert (list(v1.x), list(v2.x)) == ([0.3, None], [0.0, 1.0])
    assert list(v1.y) == CHANGES
    assert (v1.marker.color, v2.marker.color) == ("#0072B2", "#E69F00")


def test_each_bar_ends_with_its_basis() -> None:
    v1, v2 = flip_shares(ROWS, CHANGES, COLORS).data

    assert (list(v1.text), list(v2.text)) == (["3 of 10", ""], ["0 of 10", "4 of 4"])


def test_the_first_change_is_on_top() -> None:
    assert flip_shares(ROWS, CHANGES, COLORS).layout.yaxis.autorange == "reversed"


def test_a_single_version_has_no_legend_and_names_are_escaped() -> None:
    both = flip_shares(ROWS, CHANGES, COLORS)
    alone = flip_shares({"v1": ROWS["v1"]}, CHANGES, COLORS)

    assert (both.layout.showlegend, alone.layout.showlegend) == (True, False)
    assert both.data[1].name == "&lt;b&gt;v2"


def test_the_figure_is_described_for_screen_readers() -> None:
    assert describe_flips(ROWS, CHANGES) == (
        "Changed top labels. v1, turned by 5°: 3 of 10; <b>v2, turned by 5°: 0 of 10; <b>v2, blurred: 4 of 4."
    )
    assert describe_flips({"v1": [None, None]}, CHANGES) == "Changed top labels. No results yet."
