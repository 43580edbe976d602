"""The runs that are under way in this process, by session, so that every browser on a session sees them."""

from threading import Lock

from lib.workflows.background_run import BackgroundRun


class Runs:
    """Remembers runs until they are finished. Safe to share between threads."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._by_session: dict[str, list[BackgroundRun]] = {}

    def add(self, session_id: str, run: BackgroundRun) -> None:
        """Remember a run that has something to do."""
        with self._lock:
            self._by_session.setdefault(session_id, []).append(run)

    def find_active(self, session_id: str) -> list[BackgroundRun]:
        """The session's runs that are not finished, oldest first. Finished ones are forgotten."""
        with self._lock:
            active = [run for run in self._by_session.pop(session_id, []) if not run.progress().finished]
            if active:
                self._by_session[session_id] = active
            return active
