"""A session's matrix: a row for each image, columns for each version."""

from collections.abc import Sequence
from typing import Any

import streamlit as st

from lib.domain.matrix import MatrixPage, MatrixRow, RowSearch
from lib.domain.pairs import Answer
from lib.domain.predictions import Failure, ModelVersion
from lib.store import Store
from lib.ui.addresses import request_image, thumbnail_path
from lib.ui.comparison_settings import MATRIX_PAGE_KEY
from lib.ui.text import format_latency
from lib.ui.true_labels import count_selections

MATRIX_KEY = "matrix"
_OPEN_KEY = "open-row"
ROWS_A_PAGE = 50
_ROW_PX = 64
_ROWS_SEEN = 10


def find_page(store: Store, session_id: str, search: RowSearch) -> MatrixPage:
    """The page of the matrix that is asked for; the first one where there are no longer that many."""
    number = st.session_state.get(MATRIX_PAGE_KEY, 1)
    page = store.find_rows(session_id, search, offset=(number - 1) * ROWS_A_PAGE, limit=ROWS_A_PAGE)
    if page.rows or number == 1:
        return page
    st.session_state[MATRIX_PAGE_KEY] = 1
    return store.find_rows(session_id, search, limit=ROWS_A_PAGE)


def choose_rows_of_table(
    page: MatrixPage, session_id: str, versions: dict[str, ModelVersion], search: RowSearch, *, selectable: bool
) -> list[str]:
    """Draw the rows, each with a way to its card; gives the SHA-256 of those that are selected."""
    sha256s = [row.image.sha256 for row in page.rows]
    table = st.dataframe(
        _columns(page.rows, session_id, list(versions), search.threshold),
        key=f"{MATRIX_KEY}-{hash((search, tuple(sha256s), count_selections()))}",
        column_config=_describe_columns(list(versions), sha256s),
        on_select="rerun",
        selection_mode="multi-row" if selectable else (),
        row_height=_ROW_PX,
        height=(min(len(page.rows), _ROWS_SEEN) + 1) * _ROW_PX,
        hide_index=True,
        placeholder="",
        alt=f"{len(page.rows)} images and what {len(versions)} versions said of them",
    )
    return [sha256s[place] for place in table["selection"]["rows"] if place < len(sha256s)]


def choose_page_number(page: MatrixPage) -> None:
    """Ask which page of the matrix to show, where there are several."""
    pages = -(-page.total // ROWS_A_PAGE)
    if pages > 1:
        st.pagination(pages, key=MATRIX_PAGE_KEY, bind="query-params")


def _columns(
    rows: Sequence[MatrixRow], session_id: str, names: Sequence[str], threshold: float
) -> dict[str, list[Any]]:
    columns: dict[str, list[Any]] = {
        "open": ["Open"] * len(rows),
        "picture": [thumbnail_path(session_id, row.image.sha256) for row in rows],
        "Image": [row.image.name for row in rows],
    }
    if any(row.truth is not None for row in rows):
        columns["Truth"] = [row.truth or "" for row in rows]
    for place, name in enumerate(names):
        answers = [(row.answers[place], row.truth) for row in rows]
        columns[name] = [describe_prediction(answer, truth, threshold) for answer, truth in answers]
        columns[f"{name} score"] = [answer.score if isinstance(answer, Answer) else None for answer, _ in answers]
        columns[f"{name} took"] = [
            format_latency(answer.latency_s) if isinstance(answer, Answer) else "" for answer, _ in answers
        ]
    return columns


def describe_prediction(answer: Answer | Failure | None, truth: str | None, threshold: float) -> str:
    """What a version said of an image, with a sign where it is known whether that is right."""
    if answer is None:
        return "not asked yet"
    if isinstance(answer, Failure):
        return f"failed: {answer.message}"
    label = answer.label_from(threshold)
    words = "no label" if label is None else label
    if truth is None:
        return words
    return f"✓ {words}" if label == truth else f"✗ {words}"


def _describe_columns(names: Sequence[str], sha256s: Sequence[str]) -> dict[str, Any]:
    def open_row() -> None:
        request_image(sha256s[st.session_state[_OPEN_KEY].row])

    described: dict[str, Any] = {
        "open": st.column_config.ButtonColumn("", type="tertiary", on_click=open_row, key=_OPEN_KEY, width=70),
        "picture": st.column_config.ImageColumn("", width=90),
        "Image": st.column_config.TextColumn(width="medium"),
        "Truth": st.column_config.TextColumn(width=150),
    }
    for name in names:
        described[name] = st.column_config.TextColumn(width=170)
        described[f"{name} score"] = st.column_config.ProgressColumn(
            "score", min_value=0.0, max_value=1.0, format="%.2f", width=110
        )
        described[f"{name} took"] = st.column_config.TextColumn("took", width=70, alignment="right")
    return described
