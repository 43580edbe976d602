"""Choose and store the true labels of images."""

from collections.abc import Sequence

import streamlit as st

from lib.domain.annotations import match_label
from lib.domain.audit import Action
from lib.domain.predictions import ModelVersion
from lib.errors import ReviewDone
from lib.store import Store
from lib.ui.text import escape_markdown, format_images
from lib.ui.visitor import find_actor, needs
from lib.web import resources
from lib.workflows.annotations import set_true_labels

TRUE_LABEL_KEY = "truth"
SET_KEY = "set-truth"
CLEAR_KEY = "take-back-truth"
_SELECTIONS = "selections-labelled"


def offer_true_labels(store: Store, session_id: str, sha256s: Sequence[str], versions: Sequence[ModelVersion]) -> None:
    """Ask for the label of the selected images; without a selection say how to make one."""
    if not sha256s:
        st.caption("Select rows to say what they show.")
        return
    with st.container(horizontal=True, vertical_alignment="bottom"):
        label = choose_true_label(store, session_id, versions, key=TRUE_LABEL_KEY)
        whom = (store, session_id, tuple(sha256s))
        st.button(
            f"Set for {format_images(len(sha256s))}",
            key=SET_KEY,
            type="primary",
            disabled=not label,
            on_click=_set_selected,
            args=(*whom, label),
        )
        st.button("Take back", key=CLEAR_KEY, on_click=_set_selected, args=(*whom, None))


def choose_true_label(
    store: Store, session_id: str, versions: Sequence[ModelVersion], *, key: str, chosen: str | None = None
) -> str | None:
    """Ask for a label: one that is known, or a new one."""
    revision = store.get_session(session_id).revision
    labels = list(resources.labels_of(session_id, revision, tuple(versions)))
    if chosen is not None and chosen not in labels:
        labels.insert(0, chosen)
    label: str | None = st.selectbox(
        "It shows",
        labels,
        index=labels.index(chosen) if chosen is not None else None,
        key=key,
        accept_new_options=True,
        placeholder="Choose a label, or type a new one",
        width=320,
    )
    return match_label(label.strip(), labels) if label and label.strip() else None


@needs(Action.SET_TRUE_LABEL)
def store_true_label(store: Store, session_id: str, sha256s: Sequence[str], label: str | None) -> None:
    """Keep what the images show, and who said so; where the review is signed off, say that it stays as it is."""
    _store(store, session_id, sha256s, label)


@needs(Action.SET_TRUE_LABEL)
def _set_selected(store: Store, session_id: str, sha256s: Sequence[str], label: str | None) -> None:
    """Do so for the selected rows; then none is selected, and the field is empty: the next label is for other rows."""
    if _store(store, session_id, sha256s, label):
        st.session_state[TRUE_LABEL_KEY] = None
        st.session_state[_SELECTIONS] = count_selections() + 1


def count_selections() -> int:
    """How many selections of rows were labelled in this visit: another number, another selection."""
    return int(st.session_state.get(_SELECTIONS, 0))


def _store(store: Store, session_id: str, sha256s: Sequence[str], label: str | None) -> bool:
    try:
        set_true_labels(store, find_actor(), session_id, sha256s, label)
    except ReviewDone as done:
        st.toast(escape_markdown(str(done)), icon=":material/lock:")
        return False
    return True
