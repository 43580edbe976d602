"""Asks versions about images in the background, and stores every answer before anyone sees it."""

import time
from collections.abc import Sequence
from concurrent.futures import Executor, Future, wait
from dataclasses import dataclass
from datetime import UTC, datetime

from lib.domain.images import ImageLimits, PreparedImage
from lib.domain.predictions import Failure, ModelVersion, Prediction, Record
from lib.domain.sessions import Arrival, RejectedFile
from lib.errors import ServiceError, UnknownSession, UnusableImage
from lib.images.image_workers import ImageWorkers
from lib.providers.base import PredictionClient
from lib.store import Store
from lib.workflows.background_run import BackgroundRun
from lib.workflows.stored_images import get_outgoing_image

_KNOWN_ALREADY = "Already in this session."

MOST_AT_ONCE = 1000
"""Files that are taken in at once."""


@dataclass(frozen=True, slots=True, weakref_slot=True)
class Upload:
    """A file as it came: its name and its bytes."""

    name: str
    content: bytes


@dataclass(frozen=True, slots=True)
class PredictionContext:
    """What predicting needs: whom to ask, where answers are kept, what is taken in, and who does the work.

    Preparing costs processor time and asking mostly waits, so each has an executor of its own: `preparing` with a
    worker per core, `asking` with as many as the service should have calls in flight. `images` decodes the files.
    """

    client: PredictionClient
    store: Store
    limits: ImageLimits
    preparing: Executor
    asking: Executor
    images: ImageWorkers


class PredictionRun(BackgroundRun):
    """Images on their way through versions.

    Every file and every answer is stored as it lands; an answer that is stored already is used again. A file or a
    call that fails never stops the others, and after a stop files that are here are still taken in.
    """

    def __init__(self, context: PredictionContext, session_id: str, versions: Sequence[ModelVersion]) -> None:
        super().__init__(len(versions), session_id)
        self._context = context
        self._session_id = session_id
        self._versions = tuple(versions)
        self._claimed: set[tuple[str, ModelVersion]] = set()
        self._latest: Future[None] | None = None

    def take_in(self, uploads: Sequence[Upload]) -> None:
        """Add files to the session and ask every version about each. Those that cannot be used become refusals.

        So do those beyond MOST_AT_ONCE: all wait in memory.
        """
        self._add_asked(self._versions)
        taken, left = uploads[:MOST_AT_ONCE], uploads[MOST_AT_ONCE:]
        self._count(total=len(taken) * len(self._versions))
        for upload in left:
            self._refuse(upload.name, f"More than {MOST_AT_ONCE:,} files came at once: bring this one again.")
        for upload in taken:
            task = (self._take_in_one, upload, self._latest)
            self._latest = self._submit(self._context.preparing, len(self._versions), *task)

    def ask(self, version: ModelVersion, sha256s: Sequence[str]) -> None:
        """Ask a version about stored images; without any, the session shows what it answered elsewhere."""
        self._add_asked([version])
        self._count(total=len(sha256s))
        for sha256 in sha256s:
            self._submit(self._context.asking, 1, self._ask_about_stored, version, sha256)

    def _add_asked(self, versions: Sequence[ModelVersion]) -> None:
        try:
            self._context.store.predictions.add_versions(self._session_id, versions, datetime.now(UTC))
        except UnknownSession:
            self.stop()  # it was deleted meanwhile

    def _take_in_one(self, upload: Upload, ahead: Future[None] | None) -> None:
        prepared = self._prepare(upload)
        if ahead:
            # Images stand in the order of their files, whichever is prepared first. The file ahead was begun before.
            wait([ahead])
        if isinstance(prepared, UnusableImage):
            self._refuse(upload.name, str(prepared))
            self._count(total=-len(self._versions))
        else:
            self._add(prepared)

    def _prepare(self, upload: Upload) -> PreparedImage | UnusableImage:
        try:
            return self._context.images.prepare(upload.content, upload.name, self._context.limits)
        except UnusableImage as refused:
            return refused

    def _add(self, prepared: PreparedImage) -> None:
        arrival = self._context.store.images.add(self._session_id, prepared, datetime.now(UTC))
        if arrival is Arrival.PRESENT:
            self._refuse(prepared.image.name, _KNOWN_ALREADY)
        for version in self._versions:
            self._submit(self._context.asking, 1, self._ask_about, version, prepared, arrival is Arrival.NEW)

    def _refuse(self, name: str, reason: str) -> None:
        self._context.store.images.add_rejected_file(self._session_id, RejectedFile(name, reason), datetime.now(UTC))

    def _ask_about_stored(self, version: ModelVersion, sha256: str) -> None:
        self._ask_about(version, get_outgoing_image(self._context.store, self._session_id, sha256), is_new=False)

    def _ask_about(self, version: ModelVersion, prepared: PreparedImage, is_new: bool) -> None:
        if self._stopped.is_set():
            self._count(skipped=1)
        elif not self._claim(version, prepared.image.sha256):
            self._count(done=1)
        else:
            known = None if is_new else self._stored_answer(version, prepared)
            record = known or self._fresh_answer(version, prepared)
            self._count(done=1, failed=int(record.failed))

    def _claim(self, version: ModelVersion, sha256: str) -> bool:
        # The same picture may come twice in one upload: the second must not ask while the first still waits.
        with self._changed:
            fresh = (sha256, version) not in self._claimed
            self._claimed.add((sha256, version))
            return fresh

    def _stored_answer(self, version: ModelVersion, prepared: PreparedImage) -> Record | None:
        records = self._context.store.predictions.find([prepared.image.sha256], [version])
        return next((record for record in records if not record.failed), None)

    def _fresh_answer(self, version: ModelVersion, prepared: PreparedImage) -> Record:
        requested_at, start_s = datetime.now(UTC), time.perf_counter()
        outcome = self._outcome(version, prepared)
        latency_s = time.perf_counter() - start_s
        record = Record(prepared.image.sha256, version, self._session_id, requested_at, latency_s, outcome)
        self._context.store.predictions.add(record)
        return record

    def _outcome(self, version: ModelVersion, prepared: PreparedImage) -> Prediction | Failure:
        try:
            return self._context.client.predict(version, prepared)
        except ServiceError as error:
            return Failure(str(error))
