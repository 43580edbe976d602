"""Robustness the versions' answers are when images change a little."""

import streamlit as st

from lib.charts.flip_shares import describe_flips, flip_shares, format_flips
from lib.charts.theme import colors_of
from lib.domain.images import Image
from lib.domain.predictions import ModelVersion, Prediction
from lib.domain.sessions import Session
from lib.images.perturbations import EVERYDAY
from lib.stats.robustness import Robustness, measure_robustness, sum_up, top_label
from lib.ui.comparison_settings import choose_threshold
from lib.ui.frame import Page
from lib.ui.robustness.offer_probe import offer_probe, read_probe
from lib.ui.text import escape_markdown
from lib.workflows.probe import Probe

_WORDS = [perturbation.words for perturbation in EVERYDAY]


def show_robustness(page: Page, session: Session, images: list[Image]) -> None:
    """Flipped labels and lost score for each version and change; for a single image, its labels."""
    st.caption("How often the top label changes under small edits: rotation, blur, brightness, compression.")
    probe, job = read_probe(page, session, images, EVERYDAY)
    offer_probe(page, session, probe, job)
    if not probe.results:
        return
    threshold = choose_threshold(width=220)
    for name, version in page.versions.items():
        st.markdown(escape_markdown(_sum_up(probe, name, version, threshold)))
    if len(images) == 1:
        st.table(_list_labels(page, probe, threshold))
    else:
        _show_shares(page, probe, threshold)


def _show_shares(page: Page, probe: Probe, threshold: float) -> None:
    by_version = {
        name: [
            measure_robustness(probe.find_changes(version, probe.images, [perturbation]), threshold)
            for perturbation in EVERYDAY
        ]
        for name, version in page.versions.items()
    }
    st.plotly_chart(
        flip_shares(by_version, _WORDS, colors_of(page.versions)),
        key="flip-shares",
        config={"displayModeBar": False},
        alt=describe_flips(by_version, _WORDS),
    )
    with st.expander("Table with score changes"):
        st.table({"Change": _WORDS} | {escape_markdown(name): list(map(_say, row)) for name, row in by_version.items()})


def _sum_up(probe: Probe, name: str, version: ModelVersion, threshold: float) -> str:
    found = (measure_robustness(probe.find_changes(version, [image], EVERYDAY), threshold) for image in probe.images)
    by_image = [each for each in found if each]
    if not by_image:
        return f"{name}: no predictions yet."
    together, interval = sum_up(by_image)
    bounds = f", 95% interval {interval.low * 100:.0f} to {interval.high * 100:.0f}" if interval else ""
    return (
        f"{name} changes its top label for {together.flips:,} of {together.images:,} perturbed images"
        f" ({together.share * 100:.1f}%{bounds});"
        f" the score of the original top label changes by {-together.drop:+.2f} on average."
    )


def _say(each: Robustness | None) -> str:
    return f"{format_flips(each)} flipped, score {-each.drop:+.2f}" if each else "not known yet"


def _list_labels(page: Page, probe: Probe, threshold: float) -> dict[str, list[str]]:
    """What each version says of the one image: as it is, and after each change."""
    (image,) = probe.images
    rows = {"Change": ["None", *_WORDS]}
    for name, version in page.versions.items():
        before = probe.find_before(image.sha256, version)
        after = [probe.find_after(image.sha256, version, perturbation.key) for perturbation in EVERYDAY]
        rows[escape_markdown(name)] = [
            escape_markdown(_describe_top(each, before, threshold)) for each in (before, *after)
        ]
    return rows


def _describe_top(answer: Prediction | None, before: Prediction | None, threshold: float) -> str:
    if not answer or not before:
        return "not known yet"
    label = top_label(answer, threshold)
    said = f"{label} {answer.top.value:.2f}" if label is not None and answer.top else "no label"
    return said if label == top_label(before, threshold) else f"{said} (flipped)"
