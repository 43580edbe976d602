"""Sessions, images and predictions in a database, and image files by their SHA-256."""

from lib.store.store import Store

__all__ = ["Store"]
