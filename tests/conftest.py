"""How all tests are run."""

import gc
import os
from collections import Counter

import pytest
from hypothesis import HealthCheck, settings

# The time of an example depends on the machine, not on the code.
settings.register_profile("unhurried", deadline=None, suppress_health_check=[HealthCheck.too_slow])
# CI draws the same examples each time; other runs draw new ones.
settings.register_profile("judging", settings.get_profile("unhurried"), derandomize=True)
# For `make unit`, which runs after every change.
settings.register_profile("quick", settings.get_profile("unhurried"), max_examples=20)
settings.load_profile("judging" if "CI" in os.environ else "unhurried")


# Files that take more than half a minute, the longest first.
_LONG_FILES = (
    "test_predict_journeys.py",
    "test_accessibility.py",
    "test_models_journeys.py",
    "test_sign_in_journeys.py",
    "test_access_journeys.py",
    "test_token_journeys.py",
    "test_history_journeys.py",
    "test_session_journeys.py",
    "test_review_journeys.py",
    "test_hostile_names.py",
    "test_robustness_journeys.py",
    "test_people_at_once.py",
)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put browser tests last: the browser's driver keeps an event loop running, and other tests need their own.

    Among both, long files come first, then files of many tests, so that no worker is left alone with a long one at
    the end.
    """
    tests = Counter(item.path for item in items)
    lengths = {name: len(_LONG_FILES) - index for index, name in enumerate(_LONG_FILES)}
    items.sort(
        key=lambda item: (
            "browser" in item.path.parts,
            -lengths.get(item.path.name, 0),
            -tests[item.path],
            item.path,
        )
    )


def pytest_collection_finish() -> None:
    """Exclude loaded modules from garbage collection, which some libraries request on every call.

    Visiting them takes a fifth of a second each time.
    """
    gc.collect()
    gc.freeze()
