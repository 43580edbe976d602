"""Cards: each shows an image and the scores that every chosen version gave it."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from html import escape

import plotly.graph_objects as go
import streamlit as st

from lib.charts.score_bars import score_bars
from lib.domain.images import Image
from lib.domain.predictions import Failure, Prediction, Record
from lib.ui.addresses import thumbnail_path
from lib.ui.frame import Page
from lib.ui.text import (
    MUST_NOT_REGRESS,
    NOT_PREDICTED,
    escape_markdown,
    format_latency,
    format_list,
    format_size,
    shorten_name,
)

THRESHOLD_KEY = "threshold"
LABELS_KEY = "labels"
PAGE_KEY = "page"
CARDS_PER_PAGE = 12
_CARD_PX = 280


@dataclass(frozen=True, slots=True)
class DisplayOptions:
    """How stored scores are drawn: the score that a label needs to count, and how many labels are shown."""

    threshold: float
    labels: int


@dataclass(frozen=True, slots=True)
class Card:
    """An image and the record of each chosen version by name, in their order; None where there is no prediction.

    `colors` are those of the versions.
    """

    image: Image
    records: Mapping[str, Record | None]
    colors: Mapping[str, str]
    must_not_regress: bool = False


@dataclass(frozen=True, slots=True)
class ScoreChart:
    """A card's chart, its text for screen readers, and the versions whose labels are all below the threshold."""

    figure: go.Figure
    alt: str
    below_threshold: tuple[str, ...]


def choose_display_options() -> DisplayOptions:
    """Ask for the threshold and the number of labels. Both apply to stored scores and cost no call."""
    with st.container(horizontal=True, gap="large"):
        threshold = st.slider("Score threshold", 0.0, 1.0, 0.5, 0.01, key=THRESHOLD_KEY, bind="query-params", width=280)
        labels = st.slider("Top labels", 1, 20, 5, key=LABELS_KEY, bind="query-params", width=280)
    return DisplayOptions(threshold, labels)


def choose_cards(page: Page, session_id: str) -> list[Card]:
    """Return one page of the session's cards, newest images first; asks for the page where there are several."""
    total = page.store.images.count(session_id)
    pages = max(1, -(-total // CARDS_PER_PAGE))
    number = st.pagination(pages, key=PAGE_KEY, bind="query-params") if pages > 1 else 1
    end = total - (number - 1) * CARDS_PER_PAGE
    start = max(0, end - CARDS_PER_PAGE)
    images = page.store.images.find(session_id, offset=start, limit=end - start)
    return find_cards(page, images[::-1], session_id)


def find_cards(page: Page, images: Sequence[Image], session_id: str | None) -> list[Card]:
    """Return the images with the chosen versions' records, made in this session or (None) in any."""
    sha256s = [image.sha256 for image in images]
    records = page.store.predictions.find(sha256s, list(page.versions.values()), session_id=session_id)
    records_by_key = {(record.sha256, record.version): record for record in records}
    marked = page.store.images.find_must_not_regress(session_id) if session_id else frozenset()
    return [
        Card(
            image,
            {name: records_by_key.get((image.sha256, version)) for name, version in page.versions.items()},
            page.colors,
            image.sha256 in marked,
        )
        for image in images
    ]


def show_cards(session_id: str, cards: Sequence[Card], options: DisplayOptions, *, waiting: bool) -> None:
    """Draw the cards in a grid. With `waiting`, missing predictions are in progress."""
    grid = st.grid("auto", min_column_width=_CARD_PX, gap="small", border=True)
    for card in cards:
        with grid.cell():
            _show_card(card, thumbnail_path(session_id, card.image.sha256), options, waiting)


@st.fragment
def _show_card(card: Card, thumbnail: str, options: DisplayOptions, waiting: bool) -> None:
    show_thumbnail(thumbnail, card.image.name)
    st.text(shorten_name(card.image.name))
    if any(record is not None and not record.failed for record in card.records.values()):
        show_scores(card, options)
    mark = [MUST_NOT_REGRESS] if card.must_not_regress else []
    lines = [*mark, format_size(card.image), *card.image.steps, *_describe_records(card, waiting)]
    st.caption("  \n".join(map(escape_markdown, lines)))
    for name, record in card.records.items():
        if record is not None and isinstance(record.outcome, Failure):
            st.error(escape_markdown(f"{name}: {record.outcome.message}"), icon=":material/error:")


def show_thumbnail(path: str, alt: str) -> None:
    """Draw the small picture at this path in a box of fixed shape; the browser loads it when it scrolls into view.

    The path is one of ours, which checks rights, and never in Streamlit's own media folder. `alt` is the text for
    screen readers; leave it empty where the text beside the picture is the same.
    """
    st.html(f'<img class="thumbnail" loading="lazy" decoding="async" src="{escape(path)}" alt="{escape(alt)}">')


def show_scores(card: Card, options: DisplayOptions) -> None:
    """Draw the card's bars, and name the versions whose labels are all below the threshold."""
    chart = _make_chart(_chart_key(card, options), card, options)
    st.plotly_chart(
        chart.figure,
        key=f"scores-{card.image.sha256}",
        config={"displayModeBar": False},
        alt=chart.alt,
    )
    if chart.below_threshold:
        is_every = len(chart.below_threshold) == len(card.records)
        versions = "" if is_every else f" ({format_list(chart.below_threshold)})"
        st.markdown(escape_markdown(f"No label scores {options.threshold:.2f} or more{versions}"))


def _describe_records(card: Card, waiting: bool) -> Iterator[str]:
    latencies = [f"{name} {format_latency(record.latency_s)}" for name, record in card.records.items() if record]
    if latencies:
        yield " · ".join(latencies)
    truncated = [name for name, record in card.records.items() if record and _is_truncated(record)]
    if truncated:
        yield f"{format_list(truncated)} returned only the highest scores"
    missing = [name for name, record in card.records.items() if record is None]
    if missing:
        yield f"{'Waiting for' if waiting else f'{NOT_PREDICTED}:'} {format_list(missing)}"


def _is_truncated(record: Record) -> bool:
    return isinstance(record.outcome, Prediction) and record.outcome.truncated


def _chart_key(card: Card, options: DisplayOptions) -> str:
    """Return a key of all that the chart depends on. A record's time stands for its up to thousand scores."""
    records = [
        f"{name} {record and (record.version.model_name, record.requested_at)}" for name, record in card.records.items()
    ]
    drawn = f"{options.threshold} {options.labels} {' '.join(card.colors.values())}"
    return "\n".join([card.image.sha256, card.image.name, drawn, *records])


@st.cache_resource(show_spinner=False, max_entries=500)
def _make_chart(key: str, _card: Card, _options: DisplayOptions) -> ScoreChart:  # noqa: ARG001 - for Streamlit's cache
    by_version = {name: _prediction(record) for name, record in _card.records.items()}
    predictions = {name: prediction for name, prediction in by_version.items() if prediction is not None}
    return ScoreChart(
        figure=score_bars(by_version, _card.colors, threshold=_options.threshold, count=_options.labels),
        alt=describe_scores(_card.image.name, predictions, _options),
        below_threshold=tuple(name for name, prediction in predictions.items() if not _reaches(prediction, _options)),
    )


def _prediction(record: Record | None) -> Prediction | None:
    return record.outcome if record is not None and isinstance(record.outcome, Prediction) else None


def _reaches(prediction: Prediction, options: DisplayOptions) -> bool:
    return prediction.top is not None and prediction.top.value >= options.threshold


def describe_scores(name: str, predictions: Mapping[str, Prediction], options: DisplayOptions) -> str:
    """Describe the chart of the image called `name`, for screen readers."""
    scores = [
        f"{version}: " + ", ".join(f"{score.label} {score.value:.2f}" for score in prediction.best(options.labels))
        for version, prediction in predictions.items()
    ]
    return f"Scores of {name}. {'; '.join(scores)}. Threshold {options.threshold:.2f}."
