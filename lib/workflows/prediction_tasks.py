"""The tasks of a prediction job: a file becomes an image of the session, and an image gets predictions."""

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Future, wait
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from itertools import product
from random import Random
from threading import Lock
from typing import ParamSpec, TypeVar

from lib.domain.images import PreparedImage
from lib.domain.jobs import JobFile, JobKind, JobRecord
from lib.domain.predictions import ModelVersion, Record
from lib.domain.sessions import Arrival, RejectedFile
from lib.errors import UnknownSession, UnusableImage
from lib.store import Store
from lib.store.waiting import wait_for_store
from lib.telemetry.logs import log_fields
from lib.workflows.jobs import Job
from lib.workflows.prediction_context import PredictionContext, predict_or_fail
from lib.workflows.stored_images import get_outgoing_image

_Arguments = ParamSpec("_Arguments")
_Result = TypeVar("_Result")
_ALREADY_HERE = "Already in this session."
_LOST = "The server does not have this file any more. Upload it again."
_RECENT_BYTES = 6 << 20


@dataclass(frozen=True, slots=True)
class Upload:
    """A file to add: its name, and its bytes or the key under which these are stored already."""

    name: str
    content: bytes = b""
    key: str = ""

    def store_in(self, store: Store) -> str:
        """Return the key under which the bytes are stored. Raises StorageUnavailable."""
        return self.key or store.incoming.put(self.content)


class _RecentImages:
    """The images added last, as far as they fit in memory; others are read again from the store. Thread-safe."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._images: dict[str, PreparedImage] = {}
        self._size_bytes = 0

    def add(self, prepared: PreparedImage) -> None:
        with self._lock:
            if prepared.image.sha256 in self._images:
                return
            self._images[prepared.image.sha256] = prepared
            self._size_bytes += len(prepared.content)
            while self._size_bytes > _RECENT_BYTES:
                self._size_bytes -= len(self._images.pop(next(iter(self._images))).content)

    def find(self, sha256: str) -> PreparedImage | None:
        with self._lock:
            return self._images.get(sha256)


class PredictionTasks:
    """The tasks of a prediction job.

    What the job has to do is stored before it begins, so that any process can continue it. A stored prediction is used
    again. A file or a call that fails never stops the others, and after a stop the files that were uploaded are still
    added to the session. While the store is not available, tasks wait; when that takes too long, the job fails, and
    what is left of it stays stored.
    """

    def __init__(
        self,
        context: PredictionContext,
        session_id: str,
        versions: Sequence[ModelVersion],
        job: Job[None] | None = None,
    ) -> None:
        self.job = job or Job[None](JobKind.PREDICTION, session_id)
        self.job.request = {"versions": [asdict(version) for version in versions]}
        self._context = context
        self._session_id = session_id
        self._versions = tuple(versions)
        self._lock = Lock()
        self._claimed: set[tuple[str, ModelVersion]] = set()
        self._recent = _RecentImages()
        self._latest: Future[None] | None = None

    def add_uploads(self, uploads: Sequence[Upload]) -> None:
        """Add files to the session and predict each with all versions. Files that cannot be used are rejected."""
        files = [JobFile(0, upload.name, key=upload.store_in(self._context.store)) for upload in uploads]
        self.job.count(total=len(files) * len(self._versions))
        with self._submitting(files):
            self._add_files(self._list(files))

    def add_stored(self, images: Mapping[ModelVersion, Sequence[str]]) -> None:
        """Predict stored images with versions. Without images, the session shows the predictions made elsewhere."""
        calls = [(version, sha256) for version, sha256s in images.items() for sha256 in sha256s]
        self.job.count(total=len(calls))
        with self._submitting():
            self._list([JobFile(0, "", sha256=sha256) for sha256 in dict.fromkeys(sha256 for _, sha256 in calls)])
            for call in calls:
                self.job.submit(self._context.predicting, 1, self._predict, *call)

    def add_left(self, record: JobRecord) -> None:
        """Do what is left of a stored job. Calls that it has made are not made again."""
        left = self._context.store.incoming.find(self.job.id)
        waiting, calls = [file for file in left if file.key], self._find_calls_left(record, left)
        units = len(waiting) * len(self._versions) + len(calls)
        total = max(units, record.progress.total)
        self.job.count(total=total, done=total - units)
        with self._submitting():
            self._add_files(waiting)
            for call in calls:
                self.job.submit(self._context.predicting, 1, self._predict, *call)

    def _find_calls_left(self, record: JobRecord, left: Sequence[JobFile]) -> list[tuple[ModelVersion, str]]:
        images = [file.sha256 for file in left if file.sha256]
        made = {
            (found.version, found.sha256)
            for found in self._context.store.predictions.find(images, self._versions)
            if not found.failed or found.requested_at >= record.started_at
        }
        return [call for call in product(self._versions, images) if call not in made]

    @contextmanager
    def _submitting(self, files: Sequence[JobFile] = ()) -> Iterator[None]:
        """Keep the job running while its tasks are submitted. If somebody deleted the session, drop the files."""
        self.job.begin()
        try:
            yield
        except UnknownSession:
            self.job.stop()
            self._context.store.incoming.discard([file.key for file in files])
        finally:
            self.job.end()

    def _list(self, files: Sequence[JobFile]) -> list[JobFile]:
        """Store the job, and what it has to do."""
        self._context.store.predictions.add_versions(self._session_id, self._versions, datetime.now(UTC))
        self._context.jobs.add(self.job)
        return self._context.store.incoming.expect(self.job.id, self._session_id, files)

    def _add_files(self, files: Sequence[JobFile]) -> None:
        for file in files:
            task = (self._add_file, file, self._latest)
            self._latest = self.job.submit(self._context.preparing, len(self._versions), *task)

    def _add_file(self, file: JobFile, previous: Future[None] | None) -> None:
        prepared = self._prepare(file)
        if previous:
            # Images keep the order of their files, whichever is prepared first. The previous file was begun before.
            wait([previous])
        if self.job.abandoned.is_set():
            return  # the previous file was not added
        if isinstance(prepared, UnusableImage):
            if str(prepared) == _LOST and self._is_taken_over():
                return
            self._reject(file, str(prepared))
            self.job.count(total=-len(self._versions))
        else:
            self._add_image(file, prepared)
        self._context.store.incoming.discard([file.key])

    def _prepare(self, file: JobFile) -> PreparedImage | UnusableImage:
        try:
            content = self._await_store(self._context.store.incoming.read, file.key)
        except FileNotFoundError:
            return UnusableImage(_LOST)
        try:
            return self._context.images.prepare(content, file.name, self._context.limits)
        except UnusableImage as error:
            return error

    def _add_image(self, file: JobFile, prepared: PreparedImage) -> None:
        sha256, now = prepared.image.sha256, datetime.now(UTC)
        arrival = self._await_store(self._context.store.images.add, self._session_id, prepared, now, file.number)
        if arrival is Arrival.PRESENT and not self._is_taken_over():
            self._reject(replace(file, number=0), _ALREADY_HERE)
        self._recent.add(prepared)
        for version in shuffle_versions(self._versions, sha256):
            self.job.submit(self._context.predicting, 1, self._predict, version, sha256, arrival is Arrival.NEW)

    def _is_taken_over(self) -> bool:
        """Report whether another process continues the job: this one stood still, and its files are done elsewhere."""
        self._context.jobs.save()
        return self.job.is_paused

    def _reject(self, file: JobFile, reason: str) -> None:
        rejected, now = RejectedFile(file.name, reason), datetime.now(UTC)
        self._await_store(self._context.store.images.add_rejected_file, self._session_id, rejected, now, file.number)

    def _get_image(self, sha256: str) -> PreparedImage:
        recent = self._recent.find(sha256)
        return recent or self._await_store(get_outgoing_image, self._context.store, self._session_id, sha256)

    def _find_size(self, sha256: str) -> int:
        recent = self._recent.find(sha256)
        image = recent.image if recent else self._await_store(self._context.store.images.get, self._session_id, sha256)
        return image.size_bytes

    def _predict(self, version: ModelVersion, sha256: str, is_new: bool = False) -> None:
        if self.job.stop_requested:
            self.job.count(skipped=1)
        elif not self._claim(version, sha256):
            self.job.count(done=1)
        else:
            stored = None if is_new else self._find_stored_prediction(version, sha256)
            record = stored or self._request_prediction(version, sha256)
            self.job.count(done=1, failed=int(record.failed))

    def _await_store(
        self, call: Callable[_Arguments, _Result], *args: _Arguments.args, **kwargs: _Arguments.kwargs
    ) -> _Result:
        """Call a method of the store, and wait while it is not available. Raises StorageUnavailable."""
        return wait_for_store(self.job.abandoned, call, *args, **kwargs)

    def _claim(self, version: ModelVersion, sha256: str) -> bool:
        # An upload may hold the same image twice: the second must not be predicted while the first is under way.
        with self._lock:
            is_first = (sha256, version) not in self._claimed
            self._claimed.add((sha256, version))
            return is_first

    def _find_stored_prediction(self, version: ModelVersion, sha256: str) -> Record | None:
        records = self._await_store(self._context.store.predictions.find, [sha256], [version])
        return next((record for record in records if not record.failed), None)

    def _request_prediction(self, version: ModelVersion, sha256: str) -> Record:
        with self._context.in_flight.take(self._find_size(sha256)):
            prepared = self._get_image(sha256)
            requested_at, start_s = datetime.now(UTC), time.perf_counter()
            with log_fields(session=self._session_id, job=self.job.id):
                outcome = predict_or_fail(self._context, version, prepared)
            latency_s = time.perf_counter() - start_s
        record = Record(sha256, version, self._session_id, requested_at, latency_s, outcome)
        self._await_store(self._context.store.predictions.add, record)
        return record


def shuffle_versions(versions: Sequence[ModelVersion], sha256: str) -> list[ModelVersion]:
    """Return the versions in a random order for this image: the first call may be the slowest."""
    return Random(sha256).sample(versions, len(versions))  # noqa: S311 - it only has to be fair
