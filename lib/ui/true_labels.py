"""Choose and store the true labels of images."""

from collections.abc import Sequence

import streamlit as st

from lib.domain.annotations import match_label
from lib.domain.permissions import Action
from lib.domain.predictions import ModelVersion
from lib.errors import ReviewDone
from lib.store import Store
from lib.ui.text import escape_markdown, format_images
from lib.ui.visitor import find_actor, needs
from lib.web import resources
from lib.workflows.annotations import set_true_labels

TRUE_LABEL_KEY = "truth"
SET_KEY = "set-truth"
CLEAR_KEY = "clear-truth"
_SELECTIONS = "labeled-selections"


def offer_true_labels(store: Store, session_id: str, sha256s: Sequence[str], versions: Sequence[ModelVersion]) -> None:
    """Ask for the true label of the selected images; without a selection, explain how to select."""
    if not sha256s:
        st.caption("Select images to set their true label.")
        return
    with st.container(horizontal=True, vertical_alignment="bottom"):
        label = choose_true_label(store, session_id, versions, key=TRUE_LABEL_KEY)
        selection = (store, session_id, tuple(sha256s))
        st.button(
            f"Set label of {format_images(len(sha256s))}",
            key=SET_KEY,
            type="primary",
            disabled=not label,
            on_click=_label_selection,
            args=(*selection, label),
        )
        st.button("Clear label", key=CLEAR_KEY, on_click=_label_selection, args=(*selection, None))


def choose_true_label(
    store: Store, session_id: str, versions: Sequence[ModelVersion], *, key: str, current: str | None = None
) -> str | None:
    """Ask for a label that the versions or reviewers know, or a new one. Returns None for no choice."""
    revision = store.sessions.get(session_id).revision
    labels = list(resources.labels_of(session_id, revision, tuple(versions)))
    if current is not None and current not in labels:
        labels.insert(0, current)
    label: str | None = st.selectbox(
        "True label",
        labels,
        index=labels.index(current) if current is not None else None,
        key=key,
        accept_new_options=True,
        placeholder="Choose or type a label",
        width=320,
    )
    return match_label(label.strip(), labels) if label and label.strip() else None


@needs(Action.SET_TRUE_LABEL)
def store_true_label(store: Store, session_id: str, sha256s: Sequence[str], label: str | None) -> None:
    """Set or (None) clear the images' true label; a toast explains a refusal after sign-off."""
    _save_label(store, session_id, sha256s, label)


@needs(Action.SET_TRUE_LABEL)
def _label_selection(store: Store, session_id: str, sha256s: Sequence[str], label: str | None) -> None:
    # The next label is for other images: empty the selection and the field.
    if _save_label(store, session_id, sha256s, label):
        st.session_state[TRUE_LABEL_KEY] = None
        st.session_state[_SELECTIONS] = count_selections() + 1


def count_selections() -> int:
    """Count the selections labeled in this visit. A table keyed with this number starts with none selected."""
    return int(st.session_state.get(_SELECTIONS, 0))


def _save_label(store: Store, session_id: str, sha256s: Sequence[str], label: str | None) -> bool:
    try:
        set_true_labels(store, find_actor(), session_id, sha256s, label)
    except ReviewDone as error:
        st.toast(escape_markdown(str(error)), icon=":material/lock:")
        return False
    return True
