"""What a process has once, and caches that all pages share: thin wrappers around the library."""

from concurrent.futures import Executor, ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path

import streamlit as st

from lib.domain.images import ImageLimits, PreparedImage
from lib.domain.people import Access, Role, read_people
from lib.domain.predictions import ModelVersion
from lib.images.image_workers import ImageWorkers
from lib.providers.automl import AutomlClient
from lib.providers.automl_servers import built_in_server
from lib.providers.retries import Timeouts
from lib.serving import PredictionService
from lib.settings import ROOT, Settings
from lib.store import Store
from lib.web.base_path import BasePath
from lib.web.garbage_collection import GarbageCollector
from lib.web.pending_uploads import PendingUploads
from lib.workflows.exports.export_queue import ExportQueue
from lib.workflows.job_registry import Jobs
from lib.workflows.retention import DailyCleanup, delete_unneeded

LIMITS = ImageLimits()
PROBES_AT_ONCE = 4
_CHECK_S = 2.0
_SAMPLE_KINDS = {".jpg", ".png"}


@st.cache_resource(show_spinner=False)
def settings() -> Settings:
    """Return the settings of this process."""
    return Settings.from_environment()


@st.cache_resource(show_spinner=False)
def access() -> Access:
    """Return who is admitted where people sign in."""
    chosen = settings()
    people = {Role.VIEWER: chosen.viewers, Role.REVIEWER: chosen.reviewers, Role.ADMIN: chosen.admins}
    named = {role: read_people(words) for role, words in people.items()}
    return Access(named, timedelta(hours=chosen.sign_in_hours))


@st.cache_resource(show_spinner=False)
def store() -> Store:
    """Return the store of sessions, images and predictions."""
    return Store(settings().database_url, settings().images_url)


@st.cache_resource(show_spinner=False)
def image_workers() -> ImageWorkers:
    """Return the processes that decode images for pages. The built-in service has its own, so neither waits."""
    return ImageWorkers()


@st.cache_resource(show_spinner=False)
def prediction_service() -> PredictionService:
    """Return the built-in prediction service, which does not listen yet."""
    chosen = settings()
    return PredictionService(
        chosen.models_dir,
        fault_wait_s=chosen.fault_wait_s if chosen.fault_models else None,
    )


@st.cache_resource(show_spinner=False)
def grpc_address() -> str:
    """Return the address at which this app alone reaches the built-in service.

    The first call has the service listen and check its models.
    """
    address = prediction_service().start_private_grpc()
    prediction_service().start_checks()
    return address


@st.cache_resource(show_spinner=False)
def built_in_client() -> AutomlClient:
    """Return a client for health checks, which gives up soon. Pages have clients of their own."""
    return AutomlClient(built_in_server(grpc_address()), Timeouts(call_s=_CHECK_S, retry_for_s=0))


@st.cache_resource(show_spinner=False)
def garbage() -> GarbageCollector:
    """Return the garbage collector that works between runs of pages."""
    return GarbageCollector()


@st.cache_resource(show_spinner=False)
def jobs() -> Jobs:
    """Return the predictions, probes and deployments in the background, of all processes that share the store."""
    return Jobs(store())


@st.cache_resource(show_spinner=False)
def probing() -> Executor:
    """Return the workers of probes: few, so that predictions come first."""
    return ThreadPoolExecutor(PROBES_AT_ONCE, thread_name_prefix="probe")


def start_cleanup() -> DailyCleanup:
    """Start deleting, once a day, what is not needed any more."""
    return DailyCleanup(lambda: delete_unneeded(store(), settings().keep_days, jobs()))


@st.cache_resource(show_spinner=False)
def exports() -> ExportQueue:
    """Return the exported files, and those being built."""
    return ExportQueue(ThreadPoolExecutor(1, thread_name_prefix="export"))


@st.cache_resource(show_spinner=False)
def uploads() -> PendingUploads:
    """Return the uploaded files that no page has taken yet."""
    return PendingUploads(settings().upload_mb << 20)


def base_path() -> BasePath:
    """Return the base path of the app on its host."""
    return BasePath.from_option(st.get_option("server.baseUrlPath"))


@st.cache_resource(show_spinner=False, max_entries=50)
def labels_of(session_id: str, revision: int, versions: tuple[ModelVersion, ...]) -> list[str]:  # noqa: ARG001
    """Return the labels to choose a true label from. A new `revision` reads them again."""
    return store().annotations.find_labels(session_id, versions)


@st.cache_resource(show_spinner=False)
def samples() -> dict[str, PreparedImage]:
    """Return the samples by file name, prepared as uploads are."""
    paths = sorted(path for path in (ROOT / "samples").iterdir() if path.suffix in _SAMPLE_KINDS)
    return {path.name: _sample(path) for path in paths}


def find_sample(name: str) -> bytes | None:
    """Return the thumbnail of a sample as JPEG; None if there is no sample of this name."""
    sample = samples().get(name)
    return sample.thumbnail if sample else None


def _sample(path: Path) -> PreparedImage:
    return image_workers().prepare(path.read_bytes(), path.name, LIMITS)
