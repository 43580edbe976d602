"""History's table of a session: a row for each image, columns for each version, filters above, true labels below.

The list of all sessions is in `session_list.py`.
"""

from collections.abc import Sequence
from typing import Any

import streamlit as st

from lib.domain.annotations import TrueLabel
from lib.domain.matrix import MatrixPage, MatrixRow, RowSearch
from lib.domain.pairs import PredictionSummary
from lib.domain.predictions import Failure, ModelVersion
from lib.domain.sessions import Session
from lib.domain.wording import format_count
from lib.store import Store
from lib.ui.addresses import request_image, thumbnail_path
from lib.ui.comparison_settings import MATRIX_PAGE_KEY
from lib.ui.frame import Page
from lib.ui.history.filter_controls import choose_rows, clear_filters
from lib.ui.history.must_not_regress import offer_must_not_regress
from lib.ui.image_dialog import show_requested_image
from lib.ui.text import MUST_NOT_REGRESS, NOT_PREDICTED, escape_markdown, format_latency
from lib.ui.true_labels import count_selections, offer_true_labels

MATRIX_KEY = "matrix"
CLEAR_FILTERS_KEY = "clear-filters"
ROWS_PER_PAGE = 50
_OPEN_KEY = "open-row"
_ROW_PX = 64
_MOST_ROWS_VISIBLE = 10


def show_matrix(page: Page, session: Session) -> None:
    """Draw filters, table and true labels, and the dialog of an image that the address names."""
    search = choose_rows(page.versions, page.store.reviews.get(session.id))
    found = _find_page(page.store, session.id, search)
    if found.rows:
        _show_rows(page, session, search, found)
    else:
        _show_no_rows(session)
    show_requested_image(page, session.id, [row.image.sha256 for row in found.rows], records_of=session.id)


def _find_page(store: Store, session_id: str, search: RowSearch) -> MatrixPage:
    """Return the chosen page, or the first one where there are no longer that many."""
    number = st.session_state.get(MATRIX_PAGE_KEY, 1)
    page = store.matrix.find_rows(session_id, search, offset=(number - 1) * ROWS_PER_PAGE, limit=ROWS_PER_PAGE)
    if page.rows or number == 1:
        return page
    st.session_state[MATRIX_PAGE_KEY] = 1
    return store.matrix.find_rows(session_id, search, limit=ROWS_PER_PAGE)


def _show_no_rows(session: Session) -> None:
    if session.image_count:
        st.info("No matching images.")
        st.button("Clear filters", key=CLEAR_FILTERS_KEY, on_click=clear_filters)
    else:
        st.info("No images in this session yet.")


def _show_rows(page: Page, session: Session, search: RowSearch, found: MatrixPage) -> None:
    rule = page.store.reviews.get(session.id).rule
    count = f"{found.total:,} of {format_count(session.image_count, 'image')}"
    st.caption(escape_markdown(f"{count} · Ground-truth rule: {rule.value}"))
    selected = _draw_table(found, session.id, page.versions, search, selectable=not page.read_only)
    if not page.read_only:
        offer_true_labels(page.store, session.id, selected, page.store.predictions.find_versions(session.id))
        offer_must_not_regress(page.store, session.id, selected)
    pages = -(-found.total // ROWS_PER_PAGE)
    if pages > 1:
        st.pagination(pages, key=MATRIX_PAGE_KEY, bind="query-params")


def _draw_table(
    page: MatrixPage, session_id: str, versions: dict[str, ModelVersion], search: RowSearch, *, selectable: bool
) -> list[str]:
    """Draw the table, with a button that opens each image. Returns the SHA-256 of the selected images."""
    sha256s = [row.image.sha256 for row in page.rows]
    table = st.dataframe(
        _make_columns(page.rows, session_id, list(versions), search.threshold),
        key=f"{MATRIX_KEY}-{hash((search, tuple(sha256s), count_selections()))}",
        column_config=_configure_columns(list(versions), sha256s),
        on_select="rerun",
        selection_mode="multi-row" if selectable else (),
        row_height=_ROW_PX,
        height=(min(len(page.rows), _MOST_ROWS_VISIBLE) + 1) * _ROW_PX,
        hide_index=True,
        placeholder="",
        alt=f"Predictions of {format_count(len(versions), 'version')} for {format_count(len(page.rows), 'image')}",
    )
    return [sha256s[index] for index in table["selection"]["rows"] if index < len(sha256s)]


def _make_columns(
    rows: Sequence[MatrixRow], session_id: str, names: Sequence[str], threshold: float
) -> dict[str, list[Any]]:
    columns: dict[str, list[Any]] = {
        "open": ["Open"] * len(rows),
        "picture": [thumbnail_path(session_id, row.image.sha256) for row in rows],
        "Image": [row.image.name for row in rows],
    }
    if any(row.true_label is not None for row in rows):
        columns["True label"] = ["" if row.true_label is None else str(row.true_label) for row in rows]
    if any(row.must_not_regress for row in rows):
        columns[MUST_NOT_REGRESS] = ["Yes" if row.must_not_regress else "" for row in rows]
    for index, name in enumerate(names):
        cells = [(row.answers[index], row.true_label) for row in rows]
        columns[name] = [describe_prediction(prediction, truth, threshold) for prediction, truth in cells]
        columns[f"{name} score"] = [cell.score if isinstance(cell, PredictionSummary) else None for cell, _ in cells]
        columns[f"{name} latency"] = [
            format_latency(cell.latency_s) if isinstance(cell, PredictionSummary) else "" for cell, _ in cells
        ]
    return columns


def describe_prediction(
    prediction: PredictionSummary | Failure | None, true_label: TrueLabel | None, threshold: float
) -> str:
    """Describe a version's prediction, marked as right or wrong where the true label is known."""
    if prediction is None:
        return NOT_PREDICTED
    if isinstance(prediction, Failure):
        return f"Failed: {prediction.message}"
    label = prediction.label_at(threshold)
    text = "no label" if label is None else label
    if true_label is None:
        return text
    return f"✓ {text}" if true_label.accepts(label) else f"✗ {text}"


def _configure_columns(names: Sequence[str], sha256s: Sequence[str]) -> dict[str, Any]:
    def open_image() -> None:
        request_image(sha256s[st.session_state[_OPEN_KEY].row])

    columns: dict[str, Any] = {
        "open": st.column_config.ButtonColumn("", type="tertiary", on_click=open_image, key=_OPEN_KEY, width=70),
        "picture": st.column_config.ImageColumn("", width=90),
        "Image": st.column_config.TextColumn(width="medium"),
        "True label": st.column_config.TextColumn(width=150),
        MUST_NOT_REGRESS: st.column_config.TextColumn(width=130),
    }
    for name in names:
        columns[name] = st.column_config.TextColumn(width=170)
        columns[f"{name} score"] = st.column_config.ProgressColumn(
            "Score", min_value=0.0, max_value=1.0, format="%.2f", width=110
        )
        columns[f"{name} latency"] = st.column_config.TextColumn("Latency", width=80, alignment="right")
    return columns
