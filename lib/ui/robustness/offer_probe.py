"""Says what a probe takes before it runs, runs it in the background, and shows how far it is."""

from collections.abc import Sequence
from datetime import timedelta

import humanize
import streamlit as st

from lib.domain.audit import Action
from lib.domain.images import Image
from lib.domain.sessions import Session
from lib.domain.wording import format_count
from lib.images.perturbations import Perturbation
from lib.ui.frame import Page
from lib.ui.job_controls import find_running_job, show_progress
from lib.ui.text import escape_markdown, format_images, format_list
from lib.ui.visitor import find_actor, needs
from lib.web import resources
from lib.workflows.jobs import Job, JobKind
from lib.workflows.probe import Probe, ProbeTask, estimate_duration_s, find_probe, start_probe

PROBE_KEY = "probe"


def read_probe(
    page: Page, session: Session, images: Sequence[Image], perturbations: Sequence[Perturbation]
) -> tuple[Probe, Job[None] | None]:
    """Return the stored results for these images, and the session's running probe if there is one."""
    # The job first: what it stores before it ends is then read, and what it stores later redraws the page.
    job = find_running_job(JobKind.PROBE, session.id)
    return find_probe(page.store, session.id, images, list(page.versions.values()), perturbations), job


def offer_probe(page: Page, session: Session, probe: Probe, job: Job[None] | None) -> None:
    """Draw the progress of the running probe, or the button that makes the missing predictions."""
    if job:
        show_progress(job, redraw=True)
        return
    for reason in probe.find_failures():
        st.warning(escape_markdown(reason), icon=":material/warning:")
    tasks = probe.find_missing_tasks()
    if tasks:
        _announce(page, session, probe, tasks)


def _announce(page: Page, session: Session, probe: Probe, tasks: list[ProbeTask]) -> None:
    with st.container(horizontal=True, vertical_alignment="center"):
        st.button("Probe", key=PROBE_KEY, type="primary", on_click=_start, args=(page, session.id, tasks))
        st.markdown(escape_markdown(describe_effort(page, probe, tasks)))


def describe_effort(page: Page, probe: Probe, tasks: list[ProbeTask]) -> str:
    """How many calls there will be, to whom, about what, and how long that takes."""
    calls = sum(len(task.versions) for task in tasks)
    seconds = estimate_duration_s(probe, tasks, workers=resources.PROBES_AT_ONCE)
    asked = [name for name, version in page.versions.items() if any(version in task.versions for task in tasks)]
    about = f"{format_count(len({task.perturbation.key for task in tasks}), 'change')} of"
    kept = f" {format_count(len(probe.results), 'answer')} kept already." if probe.results else ""
    return (
        f"{format_count(calls, 'call')} to {format_list(asked)}, about {_describe_duration(seconds)}:"
        f" {about} {format_images(len({task.image.sha256 for task in tasks}))}.{kept}"
    )


def _describe_duration(seconds: float) -> str:
    return humanize.precisedelta(timedelta(seconds=max(1, round(seconds))))


@needs(Action.PROBE)
def _start(page: Page, session_id: str, tasks: list[ProbeTask]) -> None:
    resources.jobs().add(start_probe(page.context, find_actor(), session_id, tasks, resources.probing()))
