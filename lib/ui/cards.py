"""Cards: each shows an image and the scores that every version gave it."""

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
from lib.ui.text import escape_markdown, format_latency, format_list, format_size, shorten_name

THRESHOLD_KEY = "threshold"
LABELS_KEY = "labels"
PAGE_KEY = "page"
CARDS_A_PAGE = 12
_CARD_PX = 280


@dataclass(frozen=True, slots=True)
class DisplayOptions:
    """How stored scores are looked at: from which score on they count, and how many labels are shown."""

    threshold: float
    labels: int


@dataclass(frozen=True, slots=True)
class Card:
    """An image and, by version name in order of choice, the record of each version; None where there is none yet."""

    image: Image
    records: Mapping[str, Record | None]


@dataclass(frozen=True, slots=True)
class Drawing:
    """A card's chart, the same in words, and the versions of which nothing reaches the threshold."""

    figure: go.Figure
    words: str
    unsure: tuple[str, ...]


def choose_display_options() -> DisplayOptions:
    """Ask for threshold and number of labels. Both act on what is stored and cost no call."""
    with st.container(horizontal=True, gap="large"):
        threshold = st.slider("Threshold", 0.0, 1.0, 0.5, 0.01, key=THRESHOLD_KEY, bind="query-params", width=280)
        labels = st.slider("Labels shown", 1, 20, 5, key=LABELS_KEY, bind="query-params", width=280)
    return DisplayOptions(threshold, labels)


def choose_cards(page: Page, session_id: str) -> list[Card]:
    """The cards of one page of the session, latest images first; asks for the page where there are several."""
    total = page.store.count_images(session_id)
    pages = max(1, -(-total // CARDS_A_PAGE))
    number = st.pagination(pages, key=PAGE_KEY, bind="query-params") if pages > 1 else 1
    end = total - (number - 1) * CARDS_A_PAGE
    start = max(0, end - CARDS_A_PAGE)
    images = page.store.find_images(session_id, offset=start, limit=end - start)
    return find_cards(page, images[::-1], session_id)


def find_cards(page: Page, images: Sequence[Image], session_id: str | None) -> list[Card]:
    """The images with what the chosen versions said about them: those that the session asked, or (None) wherever."""
    sha256s = [image.sha256 for image in images]
    records = page.store.find_records(sha256s, list(page.versions.values()), session_id=session_id)
    by_question = {(record.sha256, record.version): record for record in records}
    return [
        Card(image, {name: by_question.get((image.sha256, version)) for name, version in page.versions.items()})
        for image in images
    ]


def show_cards(session_id: str, cards: Sequence[Card], look: DisplayOptions, *, waiting: bool) -> None:
    """Draw the cards in a grid; with `waiting`, answers that are not there yet are on their way."""
    grid = st.grid("auto", min_column_width=_CARD_PX, gap="small", border=True)
    for card in cards:
        with grid.cell():
            _show_card(card, thumbnail_path(session_id, card.image.sha256), look, waiting)


@st.fragment
def _show_card(card: Card, picture: str, look: DisplayOptions, waiting: bool) -> None:
    show_thumbnail(picture, card.image.name)
    st.text(shorten_name(card.image.name))
    if any(record is not None and not record.failed for record in card.records.values()):
        show_scores(card, look)
    st.caption("  \n".join(map(escape_markdown, [*_describe_image(card.image), *_describe_calls(card, waiting)])))
    for name, record in card.records.items():
        if record is not None and isinstance(record.outcome, Failure):
            st.error(escape_markdown(f"{name}: {record.outcome.message}"), icon=":material/error:")


def show_scores(card: Card, look: DisplayOptions) -> None:
    """The card's bars, and of which versions nothing reaches the threshold."""
    drawing = _draw(_identity(card, look), card, look)
    st.plotly_chart(
        drawing.figure,
        key=f"scores-{card.image.sha256}",
        config={"displayModeBar": False},
        alt=drawing.words,
    )
    if drawing.unsure:
        whom = "" if len(drawing.unsure) == len(card.records) else f" ({format_list(drawing.unsure)})"
        st.markdown(escape_markdown(f"Nothing reaches {look.threshold:.2f}{whom}"))


def _describe_image(image: Image) -> Iterator[str]:
    yield format_size(image)
    yield from image.steps


def _describe_calls(card: Card, waiting: bool) -> Iterator[str]:
    answered = [f"{name} {format_latency(record.latency_s)}" for name, record in card.records.items() if record]
    missing = [name for name, record in card.records.items() if record is None]
    if answered:
        yield " · ".join(answered)
    cut = [name for name, record in card.records.items() if record and _is_cut(record)]
    if cut:
        yield f"Only the highest scores came from {format_list(cut)}: the lowest are not known"
    if missing:
        yield f"Waiting for {format_list(missing)}" if waiting else f"Not asked yet: {format_list(missing)}"


def _is_cut(record: Record) -> bool:
    return isinstance(record.outcome, Prediction) and record.outcome.cut


def _identity(card: Card, look: DisplayOptions) -> str:
    """What the drawing depends on. What was asked and when stands for the answer and its thousand scores."""
    asked = [
        f"{name} {record and (record.version.model_name, record.asked_at)}" for name, record in card.records.items()
    ]
    return "\n".join([card.image.sha256, card.image.name, f"{look.threshold} {look.labels}", *asked])


@st.cache_resource(show_spinner=False, max_entries=500)
def _draw(identity: str, _card: Card, _look: DisplayOptions) -> Drawing:  # noqa: ARG001 - Streamlit's cache reads it
    answers = {name: _prediction(record) for name, record in _card.records.items()}
    given = {name: answer for name, answer in answers.items() if answer is not None}
    return Drawing(
        figure=score_bars(answers, threshold=_look.threshold, count=_look.labels),
        words=describe_scores(_card.image.name, given, _look),
        unsure=tuple(name for name, answer in given.items() if not _reaches(answer, _look)),
    )


def _prediction(record: Record | None) -> Prediction | None:
    return record.outcome if record is not None and isinstance(record.outcome, Prediction) else None


def _reaches(answer: Prediction, look: DisplayOptions) -> bool:
    return answer.top is not None and answer.top.value >= look.threshold


def describe_scores(name: str, answers: Mapping[str, Prediction], look: DisplayOptions) -> str:
    """The chart in words, for those who hear it."""
    said = [
        f"{version}: " + ", ".join(f"{score.label} {score.value:.2f}" for score in answer.best(look.labels))
        for version, answer in answers.items()
    ]
    return f"Scores of {name}. {'; '.join(said)}. Threshold {look.threshold:.2f}."


def show_thumbnail(path: str, alt: str) -> None:
    """Draw the picture at this path in a box of fixed shape; the browser fetches it once it comes into view.

    `alt` is what those hear who do not see it; empty where the words beside it say the same.
    """
    st.html(f'<img class="thumbnail" loading="lazy" decoding="async" src="{escape(path)}" alt="{escape(alt)}">')
