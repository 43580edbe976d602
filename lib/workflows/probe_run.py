"""Asks versions about altered images in the background, and stores every answer beside the session's own."""

import time
from collections.abc import Sequence
from concurrent.futures import Executor
from datetime import UTC, datetime
from functools import lru_cache

from lib.domain.images import PreparedImage
from lib.domain.predictions import Failure, ModelVersion, Prediction, ProbeResult
from lib.errors import ServiceError, UnusableImage
from lib.workflows.background_run import BackgroundRun
from lib.workflows.prediction_run import PredictionContext
from lib.workflows.probe import ProbeTask
from lib.workflows.stored_images import get_outgoing_image

# Enough that those who work at once on one image read it once.
_IMAGES_KEPT = 2


class ProbeRun(BackgroundRun):
    """Runs probe tasks. They have workers of their own, so that nobody's predictions wait for them."""

    def __init__(
        self, context: PredictionContext, session_id: str, tasks: Sequence[ProbeTask], probing: Executor
    ) -> None:
        super().__init__(1, session_id)
        self._context = context
        self._session_id = session_id
        self._open = lru_cache(_IMAGES_KEPT)(self._open_stored)
        self._count(total=sum(len(task.versions) for task in tasks))
        for task in tasks:
            self._submit(probing, len(task.versions), self._do, task)

    def _do(self, task: ProbeTask) -> None:
        if self._stopped.is_set():
            self._count(skipped=len(task.versions))
            return
        altered = self._alter(task)
        for version in task.versions:
            result = self._try(task, version, altered)
            self._context.store.probes.add(result)
            self._count(done=1, failed=int(isinstance(result.outcome, Failure)))

    def _open_stored(self, sha256: str) -> PreparedImage:
        return get_outgoing_image(self._context.store, self._session_id, sha256)

    def _alter(self, task: ProbeTask) -> PreparedImage | Failure:
        try:
            stored = self._open(task.image.sha256)
            return self._context.images.perturb(stored, task.perturbation, self._context.limits.sent_bytes)
        except UnusableImage as error:
            return Failure(str(error))

    def _try(self, task: ProbeTask, version: ModelVersion, altered: PreparedImage | Failure) -> ProbeResult:
        requested_at, start_s = datetime.now(UTC), time.perf_counter()
        outcome = altered if isinstance(altered, Failure) else self._ask(version, altered)
        latency_s = time.perf_counter() - start_s
        sha256, key = task.image.sha256, task.perturbation.key
        return ProbeResult(self._session_id, sha256, version, key, requested_at, latency_s, outcome)

    def _ask(self, version: ModelVersion, altered: PreparedImage) -> Prediction | Failure:
        try:
            return self._context.client.predict(version, altered)
        except ServiceError as error:
            return Failure(str(error))
