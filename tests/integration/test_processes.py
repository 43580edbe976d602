import gc
import os
import signal
import struct
import subprocess
import sys
import textwrap
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest

from lib.processes.worker_pool import WorkerPool
from lib.processes.worker_process import Worker, WorkerDied, WorkerKind, WorkerTimedOut
from lib.settings import ROOT

HOSTILE = WorkerKind("tests.stand_ins.hostile_worker", memory_bytes=100 << 20, payload_bytes=8 << 20)
HASTY = replace(HOSTILE, call_s=0.3)
_ENDS_WITHIN_S = 10


@pytest.fixture
def pool() -> Iterator[WorkerPool]:
    pool = WorkerPool(most=2)
    yield pool
    pool.close()


def pid_of(pool: WorkerPool, kind: WorkerKind = HOSTILE) -> int:
    pid: int = pool.call(kind, {"do": "echo"}).content["pid"]
    return pid


def is_running(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def ends(pid: int) -> bool:
    until_s = time.monotonic() + _ENDS_WITHIN_S
    while is_running(pid) and time.monotonic() < until_s:
        time.sleep(0.02)
    return not is_running(pid)


def test_a_payload_of_any_size_round_trips(pool: WorkerPool) -> None:
    payload = os.urandom(8 << 20)

    assert pool.call(HOSTILE, {"do": "echo"}, payload).payload == payload
    assert pool.call(HOSTILE, {"do": "echo"}, b"small").payload == b"small"


def test_consecutive_calls_share_a_worker_in_a_separate_process(pool: WorkerPool) -> None:
    assert pid_of(pool) == pid_of(pool) != os.getpid()


def test_a_worker_does_not_inherit_the_environment_of_the_app(
    pool: WorkerPool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SECOND_LOOK_SECRET", "hush")

    assert pool.call(HOSTILE, {"do": "echo"}).content["secret"] is None


def test_a_crashed_worker_is_replaced(pool: WorkerPool) -> None:
    before = pid_of(pool)

    with pytest.raises(WorkerDied):
        pool.call(HOSTILE, {"do": "die"})

    assert pid_of(pool) != before


def test_an_unexpected_error_ends_only_the_worker(pool: WorkerPool) -> None:
    with pytest.raises(WorkerDied):
        pool.call(HOSTILE, {"do": "raise"})


def framed(message: bytes) -> bytes:
    """A message as multiprocessing's connections send it: its length comes first."""
    return struct.pack("!i", len(message)) + message


@pytest.mark.parametrize(
    "sent",
    [
        b"\0",
        framed(b"{}")[:-1],
        framed(b"[]"),
        framed(b"null"),
        framed(b'{"content": 1, "size": 0}'),
        framed(b'{"content": {}, "size": "all"}'),
        framed(b'{"content": {}, "size": 1e999}'),
        framed(b"[" * 200_000),
        struct.pack("!i", -1) + struct.pack("!Q", 1 << 60),
    ],
)
def test_messages_of_a_compromised_worker_do_no_harm(pool: WorkerPool, sent: bytes) -> None:
    with pytest.raises(WorkerDied):
        pool.call(HOSTILE, {"do": "send", "bytes": sent.hex()})


@pytest.mark.skipif(not hasattr(os, "memfd_create"), reason="needs files in memory")
def test_a_worker_cannot_truncate_its_shared_memory(pool: WorkerPool) -> None:
    # Reading the rest of a mapped file that was cut short would kill this process.
    with pytest.raises(WorkerDied):
        pool.call(HOSTILE, {"do": "cut"})


def test_a_worker_that_exceeds_its_timeout_is_killed_and_replaced(pool: WorkerPool) -> None:
    before = pid_of(pool, HASTY)

    with pytest.raises(WorkerTimedOut):
        pool.call(HASTY, {"do": "hang"})

    assert not is_running(before)
    assert pid_of(pool, HASTY) != before


def test_a_worker_cannot_exceed_its_memory_limit(pool: WorkerPool) -> None:
    assert pool.call(HOSTILE, {"do": "fill memory", "bytes": 50 << 20}).content == {"size": 50 << 20}
    with pytest.raises(WorkerDied):
        pool.call(HOSTILE, {"do": "fill memory", "bytes": 101 << 20})


@pytest.mark.parametrize(("argument", "error"), [("fail", WorkerDied), ("hang", WorkerTimedOut)])
def test_a_worker_that_fails_to_start_raises_an_error_and_frees_its_slot(
    pool: WorkerPool, argument: str, error: type[Exception]
) -> None:
    with pytest.raises(error):
        pool.call(replace(HOSTILE, arguments=(argument,), start_s=1.0), {"do": "echo"})

    assert pool.count() == 0


def test_an_oversized_payload_is_rejected_before_it_is_sent(pool: WorkerPool) -> None:
    with pytest.raises(ValueError, match="larger than"):
        pool.call(HOSTILE, {"do": "echo"}, bytes((8 << 20) + 1))


def test_a_worker_reports_its_start_up_state(pool: WorkerPool) -> None:
    assert pool.describe(replace(HOSTILE, arguments=("a", "b"))) == {"arguments": ["a", "b"]}


def test_the_number_of_workers_never_exceeds_its_limit(pool: WorkerPool) -> None:
    with ThreadPoolExecutor(8) as threads:
        pids = set(threads.map(lambda _: pool.call(HOSTILE, {"do": "wait", "seconds": 0.02}).content["pid"], range(16)))

    assert len(pids) <= 2
    assert pool.count() <= 2


def test_an_idle_worker_of_another_kind_is_replaced(pool: WorkerPool) -> None:
    first = pid_of(pool)
    for number in range(2):
        pid_of(pool, replace(HOSTILE, arguments=(str(number),)))

    assert pool.count() == 2
    assert not is_running(first)


def test_the_number_of_workers_of_one_kind_never_exceeds_its_limit() -> None:
    pool = WorkerPool(most=4, most_per_kind=1)
    with ThreadPoolExecutor(4) as threads:
        pids = set(threads.map(lambda _: pid_of(pool), range(8)))
    pool.close()

    assert len(pids) == 1


def test_a_worker_ends_after_its_idle_timeout() -> None:
    pool = WorkerPool(most=1, idle_s=0.2)

    assert ends(pid_of(pool))
    assert pool.count() == 0


def test_closing_the_pool_ends_its_workers(pool: WorkerPool) -> None:
    pid = pid_of(pool)

    pool.close()

    assert not is_running(pid)


def test_closing_the_pool_ends_running_calls(pool: WorkerPool) -> None:
    with ThreadPoolExecutor(1) as threads:
        hanging = threads.submit(pool.call, HOSTILE, {"do": "hang"})
        # Until the worker is there, closing lets it end by itself; then it is in its call.
        while not hanging.done():
            pool.close()

        assert isinstance(hanging.exception(), WorkerDied)
    assert pool.count() == 0


def test_an_ended_worker_leaves_no_open_files() -> None:
    gc.collect()  # files of earlier tests are closed now, not in between
    before = len(os.listdir("/dev/fd"))  # noqa: PTH208 - one name for each open file

    Worker(HOSTILE).end()

    gc.collect()
    assert len(os.listdir("/dev/fd")) == before  # noqa: PTH208


def test_workers_end_when_the_app_is_killed() -> None:
    program = """
        import os, time
        from lib.processes.worker_pool import WorkerPool
        from tests.integration.test_processes import HOSTILE, pid_of
        print(pid_of(WorkerPool(1)), flush=True)
        time.sleep(600)
    """
    command = [sys.executable, "-c", textwrap.dedent(program)]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as app:
        assert app.stdout
        pid = int(app.stdout.readline())
        app.send_signal(signal.SIGKILL)

    assert ends(pid)


def test_waiting_calls_continue_after_a_worker_crashes() -> None:
    pool = WorkerPool(most=1)
    died = threading.Event()

    def die() -> None:
        with pytest.raises(WorkerDied):
            pool.call(HOSTILE, {"do": "die"})
        died.set()

    with ThreadPoolExecutor(2) as threads:
        threads.submit(die)
        pids = [threads.submit(pid_of, pool) for _ in range(2)]

    assert died.is_set()
    assert [pid.result() for pid in pids]
    pool.close()
