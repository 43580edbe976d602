"""What is stored of an upload: read beside the running app, and after it was killed."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from lib.domain.jobs import JobKind
from lib.domain.predictions import Record
from lib.domain.sessions import Session
from lib.store import Store
from lib.workflows.job_registry import LOST_AFTER_S
from tests.stand_ins.app_server import AppServer

_ENDS_WITHIN_S = 120


@dataclass(frozen=True)
class Evidence:
    """The latest session of an app, with its files and predictions."""

    store: Store
    images: Path

    @classmethod
    def of(cls, server: AppServer) -> "Evidence":
        """Open what an app with SQLite and a folder has stored."""
        images = server.data_dir / "images"
        return cls(Store(f"sqlite:///{server.data_dir / 'second-look.db'}", str(images)), images)

    def session(self) -> Session:
        """Return the session that was created last."""
        return self._find_latest()[0]

    def has_session(self, but: str = "") -> bool:
        """Report whether there is a session later than this one."""
        return any(session.id != but for session in self._find_latest())

    def names(self) -> set[str]:
        """Return the names of all files that the session has, or has rejected, or that its jobs still have to do."""
        session_id = self.session().id
        images = {image.name for image in self.store.images.find(session_id, limit=10_000)}
        rejected = {file.name for file in self.store.images.find_rejected_files(session_id)}
        waiting = {
            file.name
            for job in self.store.jobs.find(JobKind.PREDICTION, session_id)
            for file in self.store.incoming.find(job.id)
            if file.key
        }
        return images | rejected | waiting

    def records(self) -> list[Record]:
        """Return all predictions and failures of the session."""
        session_id = self.session().id
        sha256s = [image.sha256 for image in self.store.images.find(session_id, limit=10_000)]
        return self.store.predictions.find(sha256s, self.store.predictions.find_versions(session_id))

    def leftovers(self) -> list[str]:
        """Return the files that belong to no session, once the files that nobody took were deleted."""
        self.store.incoming.delete_leftovers(datetime.now(UTC) + timedelta(hours=7))
        stored = {path.name.partition(".")[0] for path in self.images.rglob("*") if path.is_file()}
        known = {sha256 for folder in self.images.glob("??") for sha256 in self._find_known(folder)}
        return sorted(stored - known)

    def is_idle(self) -> bool:
        """Report whether no job of the session runs."""
        jobs = self.store.jobs.find(JobKind.PREDICTION, self.session().id)
        return all(job.progress.ended for job in jobs)

    def let_heartbeats_end(self) -> None:
        """Set the heartbeats of all jobs back, as if the process that was killed had ended long ago."""
        before = datetime.now(UTC) - timedelta(seconds=LOST_AFTER_S + 1)
        self.store.jobs.take_over("nobody", before, before + timedelta(days=1))

    def _find_latest(self) -> list[Session]:
        # Nothing is summed up: that waits for whoever writes.
        later = self.store.sessions.find_unused_since(datetime.now(UTC) + timedelta(days=1))
        return later[-1:]

    def _find_known(self, folder: Path) -> set[str]:
        names = {path.name.partition(".")[0] for path in folder.iterdir()}
        return {name for name in names if self._is_known(name)}

    def _is_known(self, sha256: str) -> bool:
        try:
            self.store.images.get(self.session().id, sha256)
        except LookupError:
            return False
        return True


def wait_for(condition: Callable[[], bool]) -> None:
    """Wait until something holds that the app's process brings about."""
    until_s = time.monotonic() + _ENDS_WITHIN_S
    while not condition():
        assert time.monotonic() < until_s, "it did not come about"
        time.sleep(0.02)
