"""How all tests are run."""

import gc
import os
from collections import Counter

import pytest
from hypothesis import HealthCheck, settings

# How long an example takes says something of the machine, and nothing of the code.
settings.register_profile("unhurried", deadline=None, suppress_health_check=[HealthCheck.too_slow])
# A change is judged by the same examples each time; everybody else's runs look further.
settings.register_profile("judging", settings.get_profile("unhurried"), derandomize=True)
settings.load_profile("judging" if "CI" in os.environ else "unhurried")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put browser tests last: what drives the browser keeps an event loop running, and others need their own.

    Among both, files of many tests come first, so that no worker is left alone with a long one at the end.
    """
    tests = Counter(item.path for item in items)
    items.sort(key=lambda item: ("browser" in item.path.parts, -tests[item.path], item.path))


def pytest_collection_finish() -> None:
    """Leave the modules that are loaded by now out of garbage collection: going through them takes a fifth of a second.

    Some libraries collect on every call.
    """
    gc.collect()
    gc.freeze()
