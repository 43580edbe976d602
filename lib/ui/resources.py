"""What all pages share: made once a process, or cached, by thin wrappers around the library."""

import gc
import os
from concurrent.futures import Executor, ThreadPoolExecutor
from pathlib import Path

import streamlit as st

from lib.clients.automl import AutomlClient
from lib.domain.image import ImageLimits, PreparedImage
from lib.domain.prediction import ModelVersion
from lib.domain.preparation import prepare_image
from lib.serving import PredictionService
from lib.settings import ROOT, Settings
from lib.store import Store
from lib.workflows.exports.job import Exports
from lib.workflows.prediction_run import Desk
from lib.workflows.runs import Runs

LIMITS = ImageLimits()
PROBES_AT_ONCE = 4
_CALLS_IN_FLIGHT = 8
_SAMPLE_KINDS = {".jpg", ".png"}


@st.cache_resource(show_spinner=False)
def settings() -> Settings:
    """The settings of this process."""
    return Settings.from_environment()


@st.cache_resource(show_spinner=False)
def store() -> Store:
    """Where sessions, images and answers are kept."""
    return Store(settings().database_url, settings().images_url)


@st.cache_resource(show_spinner=False)
def prediction_service() -> PredictionService:
    """The built-in prediction service; not yet listening."""
    chosen = settings()
    return PredictionService(chosen.models_dir, fault_models=chosen.fault_models, fault_wait_s=chosen.fault_wait_s)


@st.cache_resource(show_spinner=False)
def grpc_port() -> int:
    """Port on which the built-in service listens; it starts to at the first call."""
    return prediction_service().start_grpc(f"127.0.0.1:{settings().grpc_port}")


@st.cache_resource(show_spinner=False)
def settle() -> None:
    """Leave out of every later garbage collection what is here to stay; to be called when a first page is drawn.

    Streamlit collects garbage after every run. With all that was imported and loaded by then, that takes most of a
    run's time.
    """
    gc.collect()
    gc.freeze()


@st.cache_resource(show_spinner=False)
def clients() -> dict[str, AutomlClient]:
    """The services that can be asked, by name; the usual one first."""
    chosen = settings()
    built_in = AutomlClient(
        "built-in",
        f"127.0.0.1:{grpc_port()}",
        answer_within_s=chosen.answer_within_s,
        retry_for_s=chosen.retry_for_s,
    )
    return {built_in.name: built_in}


@st.cache_resource(show_spinner=False)
def runs() -> Runs:
    """Predictions under way."""
    return Runs()


@st.cache_resource(show_spinner=False)
def probe_runs() -> Runs:
    """Probes under way."""
    return Runs()


@st.cache_resource(show_spinner=False)
def probing() -> Executor:
    """Workers that alter images and ask about them; few, so that predictions come first."""
    return ThreadPoolExecutor(PROBES_AT_ONCE, thread_name_prefix="probe")


@st.cache_resource(show_spinner=False)
def exports() -> Exports:
    """Files that are built to be taken along."""
    return Exports(ThreadPoolExecutor(1, thread_name_prefix="export"))


@st.cache_resource(show_spinner=False)
def desk(service: str) -> Desk:
    """What predicting with this service needs."""
    return Desk(
        client=clients()[service],
        store=store(),
        limits=LIMITS,
        preparing=ThreadPoolExecutor(os.cpu_count(), thread_name_prefix="prepare"),
        asking=ThreadPoolExecutor(_CALLS_IN_FLIGHT, thread_name_prefix="ask"),
    )


@st.cache_resource(show_spinner=False, ttl=30)
def versions_of(service: str, project: str, region: str) -> list[ModelVersion]:
    """All versions there are to choose from. Raises ServiceError and its kinds, which are not cached."""
    return clients()[service].find_versions(project, region)


@st.cache_resource(show_spinner=False, max_entries=50)
def labels_of(session_id: str, revision: int, versions: tuple[ModelVersion, ...]) -> list[str]:  # noqa: ARG001
    """Labels that the truth of an image can be chosen from; the revision says when to look again."""
    return store().find_labels(session_id, versions)


@st.cache_resource(show_spinner=False, max_entries=1000)
def thumbnail(sha256: str) -> bytes:
    """The small picture of a stored image, as JPEG."""
    return store().get_thumbnail(sha256)


@st.cache_resource(show_spinner=False)
def samples() -> dict[str, PreparedImage]:
    """The photographs to try, by file name, each as it would be sent."""
    paths = sorted(path for path in (ROOT / "samples").iterdir() if path.suffix in _SAMPLE_KINDS)
    return {path.name: _sample(path) for path in paths}


def _sample(path: Path) -> PreparedImage:
    return prepare_image(path.read_bytes(), path.name, LIMITS)
