"""Never more calls at once than a service can take."""

import threading
from concurrent.futures import ThreadPoolExecutor

from lib.providers.retries import ConcurrencyLimiter

_PATIENCE_S = 60


def test_no_more_calls_are_in_flight_than_the_bound() -> None:
    flow, lock, seen = ConcurrencyLimiter(most=3), threading.Lock(), [0]
    all_in, in_flight = threading.Barrier(3), set[int]()

    def call(number: int) -> None:
        with flow.slot():
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
    flow = ConcurrencyLimiter(most=16)

    flow.slow_down()

    assert flow.bound == 8
    assert ConcurrencyLimiter(most=1).bound == 1


def test_refusals_that_come_together_are_one_sign() -> None:
    flow = ConcurrencyLimiter(most=16)

    for _ in range(8):
        flow.slow_down()

    assert flow.bound == 8


def test_answers_raise_the_bound_again_by_one_a_round_up_to_the_most() -> None:
    flow = ConcurrencyLimiter(most=16)
    flow.slow_down()

    for _ in range(9):
        flow.speed_up()
    after_a_round = flow.bound
    for _ in range(200):
        flow.speed_up()

    assert (after_a_round, flow.bound) == (9, 16)


def test_a_call_that_fails_gives_its_place_back() -> None:
    flow = ConcurrencyLimiter(most=1)

    for _ in range(3):
        try:
            with flow.slot():
                raise ValueError
        except ValueError:
            continue

    with flow.slot():
        assert flow.bound == 1
