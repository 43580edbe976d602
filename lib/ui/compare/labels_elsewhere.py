"""True labels of other sessions, which count here and can be kept, and those on which sessions differ."""

from collections.abc import Sequence

import streamlit as st

from lib.domain.reviews import ReviewStatus
from lib.domain.wording import format_count
from lib.ui.frame import Page
from lib.ui.text import escape_markdown, format_images
from lib.ui.visitor import find_actor, makes_change
from lib.workflows.annotations import copy_true_labels

COPY_KEY = "copy-true-labels"
_MAX_NAMES = 5


def offer_labels_elsewhere(page: Page, session_id: str) -> None:
    """Say how many true labels of other sessions count here, offer to keep them, and name those that differ.

    Under blind review, none counts, and nothing is shown.
    """
    review = page.store.reviews.get(session_id)
    if page.read_only or review.is_hidden:
        return
    elsewhere = page.store.annotations.find_elsewhere(session_id)
    conflicts = [sha256 for sha256, labels in elsewhere.items() if len(labels) > 1]
    settled = len(elsewhere) - len(conflicts)
    if settled:
        sentence = f"{_have(settled)} no true label here, but one in another session, which counts."
        st.markdown(escape_markdown(sentence))
    if settled and review.status is not ReviewStatus.DONE:
        label = f"Keep {format_count(settled, 'label')} in this session"
        st.button(escape_markdown(label), key=COPY_KEY, on_click=_copy, args=(page, session_id))
    if conflicts:
        names = _list_names(page, session_id, conflicts)
        st.markdown(escape_markdown(f"Other sessions differ on the true label of {names}. Set it here to settle it."))
    differing = page.store.annotations.find_differing(session_id)
    if differing:
        names = _list_names(page, session_id, differing)
        sentence = f"Another session has a different true label for {names}. Over all sessions, no label counts there."
        st.markdown(escape_markdown(sentence))


def _have(images: int) -> str:
    return f"{format_images(images)} {'has' if images == 1 else 'have'}"


def _list_names(page: Page, session_id: str, sha256s: Sequence[str]) -> str:
    names = [page.store.images.get(session_id, sha256).name for sha256 in sha256s[:_MAX_NAMES]]
    more = f" and {len(sha256s) - _MAX_NAMES:,} more" if len(sha256s) > _MAX_NAMES else ""
    return f"{', '.join(names)}{more}"


@makes_change
def _copy(page: Page, session_id: str) -> None:
    copy_true_labels(page.store, find_actor(), session_id)
