"""The sample of images to probe, and the controls that start a probe and show its progress."""

import random
from collections.abc import Sequence
from datetime import timedelta

import humanize
import streamlit as st

from lib.domain.images import Image
from lib.domain.jobs import JobKind
from lib.domain.sessions import Session
from lib.domain.wording import format_count
from lib.images.perturbations import Perturbation
from lib.ui.addresses import clear_requested_image, find_requested_image
from lib.ui.frame import Page
from lib.ui.job_controls import find_running_job, show_progress
from lib.ui.text import escape_markdown, format_images, format_list, shorten_name
from lib.ui.visitor import find_actor, makes_change
from lib.web import resources
from lib.workflows.job_registry import AnyJob
from lib.workflows.probe import Probe, ProbeTask, estimate_duration_s, find_probe, start_probe

TABS_KEY = "probing"
SIZE_KEY = "sample-size"
SEED_KEY = "sample"
WHOLE_KEY = "probe-sample"
PROBE_KEY = "probe"
_DEFAULT_SIZE = 10
_MAX_SIZE = 200


def choose_sample(page: Page, session: Session) -> list[Image]:
    """Ask for a random sample of the images that all chosen versions predicted, or return the one in the address."""
    predicted = page.store.probes.find_images_predicted_by_all(session.id, list(page.versions.values()))
    if not predicted:
        names = format_list(list(page.versions))
        st.info(escape_markdown(f"No images predicted by {names} yet. Predict first, then come back."))
        return []
    requested = [image for image in predicted if image.sha256 == find_requested_image()]
    if requested:
        _show_requested(requested[0])
        return requested
    return _choose_random_sample(predicted, session)


def _show_requested(image: Image) -> None:
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown(f"One image: {escape_markdown(shorten_name(image.name))}")
        st.button("Probe a sample instead", key=WHOLE_KEY, on_click=clear_requested_image)


def _choose_random_sample(images: list[Image], session: Session) -> list[Image]:
    max_size = min(len(images), _MAX_SIZE)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        size = st.number_input(
            "Images in the sample",
            min_value=1,
            max_value=max_size,
            value=min(_DEFAULT_SIZE, max_size),
            key=SIZE_KEY,
            bind="query-params",
            width=200,
        )
        seed = st.number_input(
            "Sample number",
            min_value=1,
            max_value=9999,
            key=SEED_KEY,
            bind="query-params",
            width=200,
            help="The same number always draws the same images.",
        )
    st.caption(f"Drawn from the {format_images(len(images))} that all selected versions predicted.")
    return random.Random(f"{session.id} {seed}").sample(images, size)  # noqa: S311 - no secret


def read_probe(
    page: Page, session: Session, images: Sequence[Image], perturbations: Sequence[Perturbation]
) -> tuple[Probe, AnyJob | None]:
    """Return the stored results for these images, and the session's running probe if there is one."""
    # The job first: what it stores before it ends is then read, and what it stores later redraws the page.
    job = find_running_job(JobKind.PROBE, session.id)
    return find_probe(page.store, session.id, images, list(page.versions.values()), perturbations), job


def offer_probe(page: Page, session: Session, probe: Probe, job: AnyJob | None) -> None:
    """Draw the progress of the running probe, or the button that makes the missing predictions."""
    if job:
        show_progress(job, redraw=True)
        return
    for reason in probe.find_failures():
        st.warning(escape_markdown(reason), icon=":material/warning:")
    tasks = probe.find_missing_tasks()
    if tasks:
        with st.container(horizontal=True, vertical_alignment="center"):
            st.button("Probe", key=PROBE_KEY, type="primary", on_click=_start, args=(page, session.id, tasks))
            st.markdown(escape_markdown(describe_effort(page, probe, tasks)))


def describe_effort(page: Page, probe: Probe, tasks: list[ProbeTask]) -> str:
    """Describe the calls that a probe makes: how many, to which versions, for how long, on how many images."""
    calls = sum(len(task.versions) for task in tasks)
    seconds = estimate_duration_s(probe, tasks, workers=resources.PROBES_AT_ONCE)
    names = [name for name, version in page.versions.items() if any(version in task.versions for task in tasks)]
    edits = format_count(len({task.perturbation.key for task in tasks}), "edit")
    images = format_images(len({task.image.sha256 for task in tasks}))
    stored = f" {format_count(len(probe.results), 'prediction')} stored already." if probe.results else ""
    return (
        f"{format_count(calls, 'call')} to {format_list(names)}, about {_format_duration(seconds)}:"
        f" {edits} of {images}.{stored}"
    )


def _format_duration(seconds: float) -> str:
    return humanize.precisedelta(timedelta(seconds=max(1, round(seconds))))


@makes_change
def _start(page: Page, session_id: str, tasks: list[ProbeTask]) -> None:
    start_probe(page.context, find_actor(), session_id, tasks, resources.probing())
