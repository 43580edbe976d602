"""The store with several threads, processes or places at once, with SQLite and with PostgreSQL."""

from tests.unit.conftest import session, store
from tests.unit.store.conftest import database_url, open_store, postgresql, pytest_generate_tests

__all__ = ["database_url", "open_store", "postgresql", "pytest_generate_tests", "session", "store"]
