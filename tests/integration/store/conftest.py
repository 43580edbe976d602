"""A real SQLite file and a real folder."""

from tests.unit.conftest import open_store, session, store

__all__ = ["open_store", "session", "store"]
