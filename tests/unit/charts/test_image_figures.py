"""Zoomable images and saliency maps."""

import numpy as np
import pytest

from lib.charts.image_figures import CONFIG, describe_drops, occlusion_map, zoomable_image


def test_the_image_fills_the_axes_pixel_by_pixel() -> None:
    figure = zoomable_image("/images/1", 900, 600)

    (picture,) = figure.layout.images
    assert (picture.source, picture.x, picture.y) == ("/images/1", 0, 0)
    assert (picture.sizex, picture.sizey, picture.sizing) == (900, 600, "stretch")
    assert tuple(figure.layout.xaxis.range) == (0, 900)


def test_the_first_row_of_pixels_is_on_top() -> None:
    assert tuple(zoomable_image("/images/1", 900, 600).layout.yaxis.range) == (600, 0)


def test_the_image_keeps_its_aspect_ratio() -> None:
    layout = zoomable_image("/images/1", 900, 600).layout

    assert layout.yaxis.scaleanchor == "x"
    assert (layout.xaxis.constrain, layout.yaxis.constrain) == ("domain", "domain")


def test_axes_are_hidden() -> None:
    layout = zoomable_image("/images/1", 900, 600).layout

    assert (layout.xaxis.visible, layout.yaxis.visible) == (False, False)


# 740 px wide: 3:2 is 493 px high, 2:1 is 370; higher than 560 would scroll, lower than 240 leaves no room for tools.
@pytest.mark.parametrize(
    ("width_px", "height_px", "shown_px"), [(900, 600, 493), (2000, 1000, 370), (600, 900, 560), (5000, 100, 240)]
)
def test_the_height_follows_the_aspect_ratio_within_limits(width_px: int, height_px: int, shown_px: int) -> None:
    assert zoomable_image("/images/1", width_px, height_px).layout.height == shown_px


def test_the_figure_zooms_by_wheel_pans_by_drag_and_has_buttons() -> None:
    assert CONFIG["scrollZoom"] is True
    assert CONFIG["modeBarButtons"] == [["zoomIn2d", "zoomOut2d", "resetScale2d"]]
    assert zoomable_image("/images/1", 900, 600).layout.dragmode == "pan"


NAN = float("nan")


def test_each_patch_covers_its_part_of_the_image_and_shows_its_score_change() -> None:
    (heat,) = occlusion_map("/picture", (400, 200), np.array([[0.5, -0.25], [0.0, NAN]])).data

    assert (list(heat.x), list(heat.y)) == ([100.0, 300.0], [50.0, 150.0])
    assert heat.text[0][0] == "\N{MINUS SIGN}0.50"
    assert (heat.text[0][1], heat.text[1][0], heat.text[1][1]) == ("+0.25", "0", "")


def test_the_color_scale_is_symmetric_and_small_changes_are_pale() -> None:
    (strong,) = occlusion_map("/picture", (400, 200), np.array([[0.5, -0.25]])).data
    (weak,) = occlusion_map("/picture", (400, 200), np.array([[0.01]])).data

    assert (strong.zmin, strong.zmax) == (-0.5, 0.5)
    assert (weak.zmin, weak.zmax) == (-0.2, 0.2)


def test_the_image_is_below_the_map() -> None:
    (picture,) = occlusion_map("/picture", (400, 200), np.array([[0.5]])).layout.images

    assert (picture.source, picture.sizex, picture.sizey, picture.layer) == ("/picture", 400, 200, "below")


@pytest.mark.parametrize(
    ("drops", "description"),
    [
        (np.full((2, 2), NAN), "No results yet."),
        (np.array([[0.0, -0.5]] * 2), "No hidden patch lowers the score of cat."),
        (
            np.array([[0.1, 0.0, NAN]] * 2 + [[0.0, 0.0, 0.25]]),
            "Hiding row 3, column 3 of 3 × 3 (bottom right) lowers the score of cat most: by 0.25.",
        ),
    ],
)
def test_the_map_is_described_for_screen_readers(drops: np.ndarray, description: str) -> None:
    assert describe_drops(drops, "cat") == description
