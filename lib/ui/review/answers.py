"""The question about an image and its answers as numbered buttons, by what reviewers may see of the predictions."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from random import Random

import streamlit as st

from lib.domain.annotations import TrueLabel, match_label
from lib.domain.reviews import ReviewMode
from lib.ui.text import escape_markdown, shorten_name

LABEL_KEY = "answer"
BOTH_KEY, NEITHER_KEY, UNSURE_KEY, BACK_KEY = "answer-both", "answer-none", "answer-unsure", "answer-back"
NO_LABEL_KEY = "answer-no-label"
OTHER_KEY, SET_OTHER_KEY = "other-label", "set-other-label"
NEW_KEY, ADD_KEY = "new-label", "add-label"
_CHOOSING = "choosing-other-label"

Answer = Callable[[TrueLabel | None], None]
"""Receives the true label that the reviewer names, None if the reviewer is unsure."""


@dataclass(frozen=True, slots=True)
class Question:
    """An image to label: the labels that versions predict for it (None: no label), and all labels that they know."""

    sha256: str
    predicted: Sequence[str | None]
    known: Sequence[str]


def ask(question: Question, mode: ReviewMode, seed: str, answer: Answer) -> None:
    """Draw the question and its answers; each calls `answer` with what it says."""
    is_choosing = st.session_state.get(_CHOOSING) == question.sha256
    if mode is ReviewMode.BLIND or is_choosing or not question.predicted:
        _ask_for_any_label(question, answer, may_go_back=is_choosing and mode is not ReviewMode.BLIND)
    elif len(question.predicted) > 1:
        _ask_which(question, seed, answer)
    else:
        _ask_whether(question, answer)


def ask_which_word(question: Question, words: Mapping[TrueLabel, str], answer: Answer) -> None:
    """Draw the words of reviewers, each with their names, as answers to what the image shows."""
    is_choosing = st.session_state.get(_CHOOSING) == question.sha256
    if is_choosing or not words:
        _ask_for_any_label(question, answer, may_go_back=is_choosing)
        return
    st.subheader("Which label is right?", anchor=False)
    for number, (label, names) in enumerate(words.items(), start=1):
        _offer(f"{label} ({names})", f"{LABEL_KEY}-{number}", str(number), answer, label)
    if len(words) > 1 and all(label.labels for label in words):
        both = "Both" if len(words) == 2 else "All"
        _offer(both, BOTH_KEY, "B", answer, _accept(question.predicted))
    _offer_others("Neither" if len(words) == 2 else "Another label", question)
    _offer("Unsure", UNSURE_KEY, "U", answer, None)


def forget_choosing() -> None:
    """Return to the labels of the versions."""
    st.session_state.pop(_CHOOSING, None)


def shuffle_labels(predicted: Sequence[str | None], seed: str, sha256: str) -> list[str | None]:
    """Return the labels in a random order that is the same for everybody: their place says nothing of the versions."""
    labels = sorted(predicted, key=lambda label: (label is None, label or ""))
    Random(f"{seed}:{sha256}").shuffle(labels)  # noqa: S311 - it only has to be fair
    return labels


def _ask_which(question: Question, seed: str, answer: Answer) -> None:
    st.subheader("What does the image show?", anchor=False)
    labels = shuffle_labels(question.predicted, seed, question.sha256)
    for number, label in enumerate(labels, start=1):
        _offer(_name(label), f"{LABEL_KEY}-{number}", str(number), answer, _accept([label]))
    if None not in labels:
        both = "Both are acceptable" if len(labels) == 2 else "All are acceptable"
        _offer(both, BOTH_KEY, "B", answer, _accept(labels))
    _offer_others("None of these", question)
    _offer("Unsure", UNSURE_KEY, "U", answer, None)


def _ask_whether(question: Question, answer: Answer) -> None:
    (label,) = question.predicted
    whether = "Is it right that no label applies?" if label is None else f"Does the image show this: {_name(label)}?"
    st.subheader(escape_markdown(whether), anchor=False)
    _offer("Yes", f"{LABEL_KEY}-1", "Y", answer, _accept([label]))
    _offer_others("No", question)
    _offer("Unsure", UNSURE_KEY, "U", answer, None)


def _ask_for_any_label(question: Question, answer: Answer, *, may_go_back: bool) -> None:
    """Ask for a label in a strict field. No letter is a shortcut here, because reviewers type."""
    st.subheader("What does the image show?", anchor=False)
    chosen = st.selectbox(
        "Label", question.known, index=None, key=f"{OTHER_KEY}-{question.sha256}", placeholder="Type to find a label"
    )
    if chosen is not None:
        _offer(f"Set {shorten_name(chosen)}", SET_OTHER_KEY, None, answer, TrueLabel.one(chosen))
    _offer_new_label(question, answer)
    _offer("No label applies", NO_LABEL_KEY, None, answer, TrueLabel(()))
    _offer("Unsure", UNSURE_KEY, None, answer, None)
    if may_go_back:
        st.button("Back", key=BACK_KEY, shortcut="Esc", width="stretch", on_click=forget_choosing)


def _offer_new_label(question: Question, answer: Answer) -> None:
    key = f"{NEW_KEY}-{question.sha256}"

    def add() -> None:
        typed = str(st.session_state[key]).strip()
        if typed:
            answer(TrueLabel.one(match_label(typed, question.known)))

    # In a form: a field outside one submits half-typed text as soon as it loses focus.
    with st.form(f"{key}-form", border=False), st.container(horizontal=True, vertical_alignment="bottom"):
        st.text_input("A label that no version knows", key=key, max_chars=200)
        st.form_submit_button("Add label", key=ADD_KEY, on_click=add)


def _offer(text: str, key: str, shortcut: str | None, answer: Answer, label: TrueLabel | None) -> None:
    st.button(escape_markdown(text), key=key, shortcut=shortcut, width="stretch", on_click=answer, args=(label,))


def _offer_others(text: str, question: Question) -> None:
    st.button(
        escape_markdown(text),
        key=NEITHER_KEY,
        shortcut="N",
        width="stretch",
        on_click=_start_choosing,
        args=(question,),
    )


def _start_choosing(question: Question) -> None:
    st.session_state[_CHOOSING] = question.sha256


def _accept(labels: Sequence[str | None]) -> TrueLabel:
    return TrueLabel(tuple(sorted({label for label in labels if label is not None})))


def _name(label: str | None) -> str:
    return "No label" if label is None else shorten_name(label)
