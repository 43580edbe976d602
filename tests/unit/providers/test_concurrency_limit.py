"""Never more calls at once than a service can take."""

import threading
from concurrent.futures import ThreadPoolExecutor

from lib.providers.retries import ConcurrencyLimiter

_PATIENCE_S = 60


def test_no_more_calls_are_in_flight_than_the_bound() -> None:
    limiter, lock, seen = ConcurrencyLimiter(most=3), threading.Lock(), [0]
    all_in, in_flight = threading.Barrier(3), set[int]()

    def call(number: int) -> None:
        with limiter.slot():
            with lock:
                in_flight.add(number)
                seen.append(len(in_flight))
            all_in.wait(_PATIENCE_S)  # three are in at the same time, or this never ends
            with lock:
                in_flight.remove(number)

    with ThreadPoolExecutor(9) as threads:
        list(threads.map(call, range(9)))

    assert max(seen) == 3


def test_a_service_that_has_too_much_gets_half_and_never_less_than_one() -> None:
    limiter = ConcurrencyLimiter(most=16)

    limiter.decrease()

    assert limiter.limit == 8
    assert ConcurrencyLimiter(most=1).limit == 1


def test_refusals_that_come_together_are_one_sign() -> None:
    limiter = ConcurrencyLimiter(most=16)

    for _ in range(8):
        limiter.decrease()

    assert limiter.limit == 8


def test_answers_raise_the_bound_again_by_one_a_round_up_to_the_most() -> None:
    limiter = ConcurrencyLimiter(most=16)
    limiter.decrease()

    for _ in range(9):
        limiter.increase()
    after_a_round = limiter.limit
    for _ in range(200):
        limiter.increase()

    assert (after_a_round, limiter.limit) == (9, 16)


def test_a_call_that_fails_gives_its_place_back() -> None:
    limiter = ConcurrencyLimiter(most=1)

    for _ in range(3):
        try:
            with limiter.slot():
                raise ValueError
        except ValueError:
            continue

    with limiter.slot():
        assert limiter.limit == 1
