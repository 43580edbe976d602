"""What predicting needs, and the call that makes one prediction."""

from collections.abc import Iterator
from concurrent.futures import Executor
from contextlib import contextmanager
from dataclasses import dataclass, field
from threading import Condition

from lib.domain.images import ImageLimits, PreparedImage
from lib.domain.predictions import Failure, ModelVersion, Prediction
from lib.errors import ServiceError
from lib.images.image_workers import ImageWorkers
from lib.providers.base import PredictionClient
from lib.store import Store
from lib.workflows.job_registry import Jobs

# A call with a big image has several copies of it in memory.
_IN_FLIGHT_BYTES = 12 << 20


class ByteBudget:
    """A number of bytes that may be in memory at a time. Thread-safe."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._used = 0
        self._changed = Condition()

    @contextmanager
    def take(self, size_bytes: int) -> Iterator[None]:
        """Wait until so many bytes are free, and use them while the block runs. What is larger runs alone."""
        with self._changed:
            self._changed.wait_for(lambda: self._used == 0 or self._used + size_bytes <= self._most)
            self._used += size_bytes
        try:
            yield
        finally:
            with self._changed:
                self._used -= size_bytes
                self._changed.notify_all()


@dataclass(frozen=True, slots=True)
class PredictionContext:
    """What predicting needs: a provider's client, the store, limits for files, and workers.

    Preparing an image takes processor time, and predicting mostly waits. So each has an executor of its own:
    `preparing` with a worker per core, `predicting` with as many as the provider may have calls in flight. `images`
    decodes the files. `in_flight` bounds the memory of calls with big images.
    """

    client: PredictionClient
    store: Store
    jobs: Jobs
    limits: ImageLimits
    preparing: Executor
    predicting: Executor
    images: ImageWorkers
    in_flight: ByteBudget = field(default_factory=lambda: ByteBudget(_IN_FLIGHT_BYTES))


def predict_or_fail(context: PredictionContext, version: ModelVersion, prepared: PreparedImage) -> Prediction | Failure:
    """Return the version's prediction, or the reason why the call failed."""
    try:
        return context.client.predict(version, prepared)
    except ServiceError as error:
        return Failure(str(error))
