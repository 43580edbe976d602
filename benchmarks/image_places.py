"""Milliseconds for the thumbnails of a page: images in a folder, and in S3 behind a slow network."""

import statistics
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial

from benchmarks.environment import environment
from benchmarks.photographs import make_photographs
from lib.domain.images import ImageLimits
from lib.images.preparation import prepare_image
from lib.store import Store
from tests.stand_ins.s3_server import S3Server, make_environment
from tests.stand_ins.tcp_proxy import TcpProxy

_CARDS = 12
_DELAY_S = 0.02
_RUNS = 15


def measure_image_places() -> tuple[float, float, float]:
    """Median milliseconds for the thumbnails of 12 cards: from a folder, from S3, and from S3 for the first time."""
    with tempfile.TemporaryDirectory() as folder:
        (in_folder_ms, _) = _measure(folder, f"{folder}/images")
    with S3Server() as server, TcpProxy(server.port, _DELAY_S) as proxy, tempfile.TemporaryDirectory() as folder:
        url = f"s3://{server.create_bucket()}/images"
        with environment(**make_environment(proxy.port)):
            in_s3_ms, first_ms = _measure(folder, url)
    return in_folder_ms, in_s3_ms, first_ms


def _measure(folder: str, images_url: str) -> tuple[float, float]:
    filled, opened = (Store(f"sqlite:///{folder}/places.db", images_url) for _ in range(2))
    session = filled.sessions.create("Benchmark", datetime.now(UTC))
    for number, photograph in enumerate(make_photographs(_CARDS)):
        filled.images.add(session.id, prepare_image(photograph, f"{number}.jpg", ImageLimits()), datetime.now(UTC))
    read = partial(_read_page, opened, session.id)
    first_ms = _time(read)
    times = [_time(read) for _ in range(_RUNS)]
    for store in (filled, opened):
        store.close()
    return statistics.median(times), first_ms


def _read_page(store: Store, session_id: str) -> None:
    for image in store.images.find(session_id, limit=_CARDS):
        # As the route of thumbnails does, which looks the image up by its session first.
        store.images.get(session_id, image.sha256)
        store.images.get_thumbnail(image.sha256)


def _time(call: Callable[[], None]) -> float:
    start = time.perf_counter()
    call()
    return 1000 * (time.perf_counter() - start)
