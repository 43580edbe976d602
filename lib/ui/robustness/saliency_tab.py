"""The Saliency tab: which parts of an image a prediction depends on, measured by hiding them one at a time."""

from collections.abc import Sequence

import streamlit as st

from lib.charts.image_figures import CONFIG, describe_drops, occlusion_map
from lib.domain.images import Image
from lib.domain.predictions import ModelVersion, Prediction
from lib.domain.sessions import Session
from lib.images.perturbations import COARSE, FINE, find_patches
from lib.stats.robustness import compute_score_drops
from lib.ui.addresses import picture_path
from lib.ui.frame import Page
from lib.ui.robustness.probe_controls import offer_probe, read_probe
from lib.ui.text import escape_markdown, shorten_name
from lib.workflows.probe import Probe

IMAGE_KEY = "probed-image"
LABEL_KEY = "probed-label"
GRID_KEY = "patches"
_PATCHES = (*find_patches(COARSE), *find_patches(FINE))
_PAGE_PX = 1000
_GRIDS = {f"{grid} × {grid}": grid for grid in (COARSE, FINE)}


def show_saliency(page: Page, session: Session, images: list[Image]) -> None:
    """Draw a map over one image for each version: how a label's score changes when parts are hidden."""
    st.caption(
        "Each part of the image is hidden in turn. Parts that lower the score when hidden matter to the"
        " version: orange and −."
    )
    image = _choose_image(images)
    probe, job = read_probe(page, session, [image], _PATCHES)
    offer_probe(page, session, probe, job)
    if not probe.results:
        return
    with st.container(horizontal=True, vertical_alignment="bottom"):
        label = _choose_label(probe, image)
        grid = _choose_grid(probe)
    columns = st.columns(len(page.versions))
    for column, (name, version) in zip(columns, page.versions.items(), strict=True):
        with column:
            _show_map(probe, session.id, image, (name, version), (label, grid))


def _choose_image(images: list[Image]) -> Image:
    if len(images) == 1:
        return images[0]
    names = {f"{number}: {shorten_name(image.name)}": image for number, image in enumerate(images, 1)}
    return names[st.selectbox("Image", list(names), key=IMAGE_KEY, width=360)]


def _choose_label(probe: Probe, image: Image) -> str:
    """Ask for a label of any version; the best labels of the first version come first."""
    predictions = (probe.find_before(image.sha256, version) for version in probe.versions)
    labels = (
        score.label for prediction in predictions if prediction for score in prediction.best(len(prediction.labels))
    )
    key = f"{LABEL_KEY}-{image.sha256}"
    return st.selectbox("Score of the label", list(dict.fromkeys(labels)), key=key, width=360)


def _choose_grid(probe: Probe) -> int:
    """Ask for the grid. The fine one is the default as soon as it is complete."""
    (image,) = probe.images
    is_complete = all(
        (image.sha256, version, patch.key) in probe.results
        for version in probe.versions
        for patch in find_patches(FINE)
    )
    chosen = st.segmented_control(
        "Parts", list(_GRIDS), default=list(_GRIDS)[is_complete], required=True, key=f"{GRID_KEY}-{is_complete}"
    )
    return _GRIDS[chosen]


def _show_map(
    probe: Probe,
    session_id: str,
    image: Image,
    named_version: tuple[str, ModelVersion],
    label_and_grid: tuple[str, int],
) -> None:
    (name, version), (label, grid) = named_version, label_and_grid
    before = probe.find_before(image.sha256, version)
    if before is None:
        return
    drops = compute_score_drops(before, _find_hidden(probe, image, version, grid), label)
    description = describe_drops(drops, label)
    st.markdown(f"**{escape_markdown(name)}** {escape_markdown(_describe_score(before, label))}")
    st.plotly_chart(
        occlusion_map(
            picture_path(session_id, image.sha256),
            (image.width_px, image.height_px),
            drops,
            shown_px=_PAGE_PX // len(probe.versions),
        ),
        config=CONFIG,
        key=f"map-{version.model_id}",
        alt=f"{image.name}, {name}. {description}",
    )
    st.markdown(escape_markdown(description))


def _find_hidden(probe: Probe, image: Image, version: ModelVersion, grid: int) -> Sequence[Prediction | None]:
    return [probe.find_after(image.sha256, version, patch.key) for patch in find_patches(grid)]


def _describe_score(before: Prediction, label: str) -> str:
    score = before.score_of(label)
    return f"{label}: {score:.2f} without occlusion" if score is not None else f"does not predict {label}"
