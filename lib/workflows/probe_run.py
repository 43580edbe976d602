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
    """Errands on their way. They have workers of their own, so that nobody's predictions wait for them."""

    def __init__(
        self, desk: PredictionContext, session_id: str, errands: Sequence[ProbeTask], probing: Executor
    ) -> None:
        super().__init__(1, session_id)
        self._desk = desk
        self._session_id = session_id
        self._open = lru_cache(_IMAGES_KEPT)(self._open_stored)
        self._count(total=sum(len(errand.versions) for errand in errands))
        for errand in errands:
            self._submit(probing, len(errand.versions), self._do, errand)

    def _do(self, errand: ProbeTask) -> None:
        if self._stopped.is_set():
            self._count(skipped=len(errand.versions))
            return
        altered = self._alter(errand)
        for version in errand.versions:
            trial = self._try(errand, version, altered)
            self._desk.store.probes.add(trial)
            self._count(done=1, failed=int(isinstance(trial.outcome, Failure)))

    def _open_stored(self, sha256: str) -> PreparedImage:
        return get_outgoing_image(self._desk.store, self._session_id, sha256)

    def _alter(self, errand: ProbeTask) -> PreparedImage | Failure:
        try:
            stored = self._open(errand.image.sha256)
            return self._desk.images.perturb(stored, errand.alteration, self._desk.limits.sent_bytes)
        except UnusableImage as error:
            return Failure(str(error))

    def _try(self, errand: ProbeTask, version: ModelVersion, altered: PreparedImage | Failure) -> ProbeResult:
        asked_at, start_s = datetime.now(UTC), time.perf_counter()
        outcome = altered if isinstance(altered, Failure) else self._ask(version, altered)
        latency_s = time.perf_counter() - start_s
        sha256, key = errand.image.sha256, errand.alteration.key
        return ProbeResult(self._session_id, sha256, version, key, asked_at, latency_s, outcome)

    def _ask(self, version: ModelVersion, altered: PreparedImage) -> Prediction | Failure:
        try:
            return self._desk.client.predict(version, altered)
        except ServiceError as error:
            return Failure(str(error))
