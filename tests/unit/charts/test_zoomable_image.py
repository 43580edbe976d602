"""How a photograph is laid out to be zoomed into."""

import pytest

from lib.charts.image_figures import CONFIG, zoomable_image


def test_the_picture_fills_the_axes_pixel_by_pixel() -> None:
    figure = zoomable_image("/images/1", 900, 600)

    (picture,) = figure.layout.images
    assert (picture.source, picture.x, picture.y) == ("/images/1", 0, 0)
    assert (picture.sizex, picture.sizey, picture.sizing) == (900, 600, "stretch")
    assert tuple(figure.layout.xaxis.range) == (0, 900)


def test_the_first_row_of_pixels_is_on_top() -> None:
    assert tuple(zoomable_image("/images/1", 900, 600).layout.yaxis.range) == (600, 0)


def test_the_picture_keeps_its_shape() -> None:
    layout = zoomable_image("/images/1", 900, 600).layout

    assert layout.yaxis.scaleanchor == "x"
    assert (layout.xaxis.constrain, layout.yaxis.constrain) == ("domain", "domain")


def test_no_axes_stand_around_it() -> None:
    layout = zoomable_image("/images/1", 900, 600).layout

    assert (layout.xaxis.visible, layout.yaxis.visible) == (False, False)


# 740 px wide: 3:2 is 493 px high, 2:1 is 370; higher than 560 would scroll, lower than 240 leaves no room for tools.
@pytest.mark.parametrize(
    ("width_px", "height_px", "shown_px"), [(900, 600, 493), (2000, 1000, 370), (600, 900, 560), (5000, 100, 240)]
)
def test_it_is_as_high_as_its_shape_asks_for_within_limits(width_px: int, height_px: int, shown_px: int) -> None:
    assert zoomable_image("/images/1", width_px, height_px).layout.height == shown_px


def test_wheel_zooms_drag_moves_and_buttons_do_the_same() -> None:
    assert CONFIG["scrollZoom"] is True
    assert CONFIG["modeBarButtons"] == [["zoomIn2d", "zoomOut2d", "resetScale2d"]]
    assert zoomable_image("/images/1", 900, 600).layout.dragmode == "pan"
