"""Says what images really show."""

from collections.abc import Sequence
from datetime import UTC, datetime

import streamlit as st

from lib.domain.deed import Action
from lib.domain.person import Role
from lib.domain.prediction import ModelVersion
from lib.errors import ReviewDone
from lib.store import Store
from lib.ui import resources
from lib.ui.log import note
from lib.ui.sign_in.rights import needs
from lib.ui.visitor import find_name
from lib.ui.words import plain, say_images

TRUTH_KEY = "truth"
SET_KEY = "set-truth"
TAKE_BACK_KEY = "take-back-truth"


def offer_truths(store: Store, session_id: str, sha256s: Sequence[str], versions: Sequence[ModelVersion]) -> None:
    """Ask for the label of the selected images; without a selection say how to make one."""
    if not sha256s:
        st.caption("Select rows to say what they show.")
        return
    with st.container(horizontal=True, vertical_alignment="bottom"):
        label = choose_truth(store, session_id, versions, key=TRUTH_KEY)
        whom = (store, session_id, tuple(sha256s))
        st.button(
            f"Set for {say_images(len(sha256s))}",
            key=SET_KEY,
            type="primary",
            disabled=not label,
            on_click=set_truths,
            args=(*whom, label),
        )
        st.button("Take back", key=TAKE_BACK_KEY, on_click=set_truths, args=(*whom, None))


def choose_truth(
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
    return label.strip() if label and label.strip() else None


@needs(Role.REVIEWER)
def set_truths(store: Store, session_id: str, sha256s: Sequence[str], label: str | None) -> None:
    """Keep what the images show, and who said so; where the review is signed off, say that it stays as it is."""
    try:
        store.set_truths(session_id, sha256s, label, find_name(), datetime.now(UTC))
    except ReviewDone as done:
        st.toast(plain(str(done)), icon=":material/lock:")
    else:
        said = "took labels back" if label is None else label
        note(Action.LABEL, session_id, f"{say_images(len(sha256s))}: {said}")
