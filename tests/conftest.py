"""How all tests are run."""

import os

import pytest
from hypothesis import HealthCheck, settings

# How long an example takes says something of the machine, and nothing of the code.
settings.register_profile("unhurried", deadline=None, suppress_health_check=[HealthCheck.too_slow])
# A change is judged by the same examples each time; everybody else's runs look further.
settings.register_profile("judging", settings.get_profile("unhurried"), derandomize=True)
settings.load_profile("judging" if "CI" in os.environ else "unhurried")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put browser tests last: what drives the browser keeps an event loop running, and others need their own."""
    items.sort(key=lambda item: "browser" in item.path.parts)
