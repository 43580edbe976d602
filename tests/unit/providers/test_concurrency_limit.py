"""The limit of simultaneous calls adapts to the service."""

import threading
from concurrent.futures import ThreadPoolExecutor

from lib.providers.retries import ConcurrencyLimiter

_TIMEOUT_S = 60


def test_simultaneous_calls_do_not_exceed_the_limit() -> None:
    limiter, lock, seen = ConcurrencyLimiter(most=3), threading.Lock(), [0]
    all_in, in_flight = threading.Barrier(3), set[int]()

    def call(number: int) -> None:
        with limiter.slot():
            with lock:
                in_flight.add(number)
                seen.append(len(in_flight))
            all_in.wait(_TIMEOUT_S)  # three are in at the same time, or this never ends
            with lock:
                in_flight.remove(number)

    with ThreadPoolExecutor(9) as threads:
        list(threads.map(call, range(9)))

    assert max(seen) == 3


def test_an_overloaded_service_halves_the_limit_down_to_one() -> None:
    limiter = ConcurrencyLimiter(most=16)

    limiter.decrease()

    assert limiter.limit == 8
    assert ConcurrencyLimiter(most=1).limit == 1


def test_simultaneous_rejections_halve_the_limit_once() -> None:
    limiter = ConcurrencyLimiter(most=16)

    for _ in range(8):
        limiter.decrease()

    assert limiter.limit == 8


def test_successful_calls_raise_the_limit_by_one_per_round_up_to_the_maximum() -> None:
    limiter = ConcurrencyLimiter(most=16)
    limiter.decrease()

    for _ in range(9):
        limiter.increase()
    after_a_round = limiter.limit
    for _ in range(200):
        limiter.increase()

    assert (after_a_round, limiter.limit) == (9, 16)


def test_a_failed_call_releases_its_slot() -> None:
    limiter = ConcurrencyLimiter(most=1)

    for _ in range(3):
        try:
            with limiter.slot():
                raise ValueError
        except ValueError:
            continue

    with limiter.slot():
        assert limiter.limit == 1
