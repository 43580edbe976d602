"""The cards: an image, and what the versions say about it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import plotly.graph_objects as go
import streamlit as st

from lib.charts.score_bars import score_bars
from lib.domain.image import Image
from lib.domain.prediction import Failure, Prediction, Record
from lib.ui import resources
from lib.ui.frame import Page
from lib.ui.words import cut_name, say_latency, say_list, say_size

THRESHOLD_KEY = "threshold"
LABELS_KEY = "labels"
PAGE_KEY = "page"
CARDS_A_PAGE = 12
_CARD_PX = 280


@dataclass(frozen=True, slots=True)
class Look:
    """How stored scores are looked at: from which score on they count, and how many labels are shown."""

    threshold: float
    labels: int


@dataclass(frozen=True, slots=True)
class Card:
    """An image and, by version name in order of choice, the record of each version; None where there is none yet."""

    image: Image
    records: Mapping[str, Record | None]


def choose_look() -> Look:
    """Ask for threshold and number of labels. Both act on what is stored and cost no call."""
    with st.container(horizontal=True, gap="large"):
        threshold = st.slider("Threshold", 0.0, 1.0, 0.5, 0.01, key=THRESHOLD_KEY, bind="query-params", width=280)
        labels = st.slider("Labels shown", 1, 20, 5, key=LABELS_KEY, bind="query-params", width=280)
    return Look(threshold, labels)


def choose_cards(page: Page, session_id: str) -> list[Card]:
    """The cards of one page of the session, latest images first; asks for the page where there are several."""
    total = page.store.count_images(session_id)
    pages = max(1, -(-total // CARDS_A_PAGE))
    number = st.pagination(pages, key=PAGE_KEY, bind="query-params") if pages > 1 else 1
    end = total - (number - 1) * CARDS_A_PAGE
    start = max(0, end - CARDS_A_PAGE)
    return find_cards(page, page.store.find_images(session_id, offset=start, limit=end - start)[::-1])


def find_cards(page: Page, images: Sequence[Image]) -> list[Card]:
    """The images with what the chosen versions said about them."""
    records = page.store.find_records([image.sha256 for image in images], list(page.versions.values()))
    by_question = {(record.sha256, record.version): record for record in records}
    return [
        Card(image, {name: by_question.get((image.sha256, version)) for name, version in page.versions.items()})
        for image in images
    ]


def show_cards(cards: Sequence[Card], look: Look, *, waiting: bool) -> None:
    """Draw the cards in a grid; with `waiting`, answers that are not there yet are on their way."""
    grid = st.grid("auto", min_column_width=_CARD_PX, gap="small", border=True)
    for card in cards:
        with grid.cell():
            _show_card(card, look, waiting)


@st.fragment
def _show_card(card: Card, look: Look, waiting: bool) -> None:
    image = card.image
    st.image(resources.thumbnail(image.sha256), alt=image.name, width="stretch")
    st.text(cut_name(image.name))
    st.caption(" · ".join([say_size(image), *image.steps]))
    answers = {name: _prediction(record) for name, record in card.records.items()}
    if any(answer is not None for answer in answers.values()):
        _show_scores(card, answers, look)
    _show_missing(card, waiting)


def _prediction(record: Record | None) -> Prediction | None:
    return record.outcome if record is not None and isinstance(record.outcome, Prediction) else None


def _show_scores(card: Card, answers: Mapping[str, Prediction | None], look: Look) -> None:
    figure = _figure(_identity(card), answers, look)
    st.plotly_chart(
        figure,
        key=f"scores-{card.image.sha256}",
        config={"displayModeBar": False},
        alt=say_scores(card.image.name, answers, look),
    )
    unsure = [name for name, answer in answers.items() if answer is not None and not _reaches(answer, look)]
    if unsure:
        whom = "" if len(unsure) == len(answers) else f" ({say_list(unsure)})"
        st.markdown(f"Nothing reaches {look.threshold:.2f}{whom}")
    st.caption(" · ".join(f"{name} {say_latency(record.latency_s)}" for name, record in card.records.items() if record))


def _reaches(answer: Prediction, look: Look) -> bool:
    return answer.top is not None and answer.top.value >= look.threshold


def _identity(card: Card) -> tuple[str, ...]:
    asked = (f"{name} {record.version.model_name} {record.asked_at}" for name, record in card.records.items() if record)
    return card.image.sha256, *card.records, *asked


@st.cache_resource(show_spinner=False, max_entries=500)
def _figure(identity: tuple[str, ...], _answers: Mapping[str, Prediction | None], look: Look) -> go.Figure:  # noqa: ARG001
    # Cached by what was asked and when: the thousand scores behind it would cost more to compare than to draw.
    return score_bars(_answers, threshold=look.threshold, count=look.labels)


def say_scores(name: str, answers: Mapping[str, Prediction | None], look: Look) -> str:
    """The chart in words, for those who hear it."""
    said = [
        f"{version}: " + ", ".join(f"{score.label} {score.value:.2f}" for score in answer.best(look.labels))
        for version, answer in answers.items()
        if answer is not None
    ]
    return f"Scores of {name}. {'; '.join(said)}. Threshold {look.threshold:.2f}."


def _show_missing(card: Card, waiting: bool) -> None:
    for name, record in card.records.items():
        if record is None:
            st.caption(f"{name}: waiting for the answer" if waiting else f"{name}: not asked yet")
        elif isinstance(record.outcome, Failure):
            st.error(f"{name}: {record.outcome.message}", icon=":material/error:")
