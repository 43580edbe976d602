"""Choose and store the true labels of images."""

from collections.abc import Sequence

import streamlit as st

from lib.domain.annotations import TrueLabel, match_label
from lib.domain.predictions import ModelVersion
from lib.errors import ReviewDone
from lib.store import Store
from lib.ui.text import escape_markdown, format_images
from lib.ui.visitor import find_actor, makes_change
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
            disabled=label is None,
            on_click=_label_selection,
            args=(*selection, label),
        )
        st.button("Clear label", key=CLEAR_KEY, on_click=_label_selection, args=(*selection, None))


def choose_true_label(
    store: Store, session_id: str, versions: Sequence[ModelVersion], *, key: str, current: TrueLabel | None = None
) -> TrueLabel | None:
    """Ask for a label that the versions or reviewers know, a new one, or none of these. Returns None for no choice."""
    revision = store.sessions.get(session_id).revision
    known = resources.labels_of(session_id, revision, tuple(versions))
    options = [*map(TrueLabel.one, known), TrueLabel(())]
    if current is not None and current not in options:
        options.insert(0, current)
    chosen: TrueLabel | str | None = st.selectbox(
        "True label",
        options,
        index=options.index(current) if current is not None else None,
        key=key,
        format_func=str,
        accept_new_options=True,
        placeholder="Choose or type a label",
        width=320,
    )
    if chosen is None or isinstance(chosen, TrueLabel):
        return chosen
    return TrueLabel.one(match_label(chosen.strip(), known)) if chosen.strip() else None


@makes_change
def store_true_label(store: Store, session_id: str, sha256s: Sequence[str], label: TrueLabel | None) -> None:
    """Set or (None) clear the images' true label; a toast explains a refusal after sign-off."""
    _save_label(store, session_id, sha256s, label)


@makes_change
def _label_selection(store: Store, session_id: str, sha256s: Sequence[str], label: TrueLabel | None) -> None:
    # The next label is for other images: empty the selection and the field.
    if _save_label(store, session_id, sha256s, label):
        st.session_state[TRUE_LABEL_KEY] = None
        clear_selection()


def clear_selection() -> None:
    """Empty the selection of rows, after what was chosen for it is done."""
    st.session_state[_SELECTIONS] = count_selections() + 1


def count_selections() -> int:
    """Count the selections that were done in this visit. A table keyed with this number starts with none selected."""
    return int(st.session_state.get(_SELECTIONS, 0))


def _save_label(store: Store, session_id: str, sha256s: Sequence[str], label: TrueLabel | None) -> bool:
    try:
        set_true_labels(store, find_actor(), session_id, sha256s, label)
    except ReviewDone as error:
        st.toast(escape_markdown(str(error)), icon=":material/lock:")
        return False
    return True
