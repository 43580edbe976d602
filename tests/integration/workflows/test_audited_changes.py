"""Every change requires its role and leaves an audit event, however it is made."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from lib.domain.annotations import Annotation, AnnotationStatus
from lib.domain.jobs import JobKind
from lib.domain.people import Actor, Role
from lib.domain.permissions import Action, required_role
from lib.domain.sessions import Session, ShareTerms
from lib.errors import RoleMissing
from lib.store import Store
from lib.store.backup_reader import open_backup
from lib.workflows import annotations, deployments, reviews, sessions, sharing
from lib.workflows.backup_and_restore import back_up, restore_backup
from lib.workflows.exports import deliver
from lib.workflows.exports.export_queue import ExportFile, ExportQueue
from lib.workflows.job_registry import stop_job
from lib.workflows.jobs import Job
from tests.builders.pairs import make_true_label
from tests.builders.values import NOON, make_prepared_image
from tests.integration.workflows.conftest import make_export_request

SHA256 = make_prepared_image().image.sha256


Do = Callable[[Store, Actor, Session], object]


def rename(store: Store, actor: Actor, session: Session) -> None:
    sessions.rename_session(store, actor, session.id, "Owls")


def annotate(store: Store, actor: Actor, session: Session) -> None:
    annotations.annotate_image(
        store, actor, session.id, Annotation(SHA256, "Ada", AnnotationStatus.LABELED, make_true_label("cat"), NOON)
    )


def undo(store: Store, actor: Actor, session: Session) -> None:
    annotations.annotate_image(
        store, actor, session.id, Annotation(SHA256, "Ada", AnnotationStatus.WITHDRAWN, None, NOON)
    )


def make_link(store: Store, actor: Actor, session: Session) -> None:
    sharing.create_link(store, actor, session.id, ShareTerms("Bob"))


def revoke_link(store: Store, actor: Actor, session: Session) -> None:
    store.sharing.add(session.id, ShareTerms("Bob"), "Ada", NOON)
    sharing.revoke_link(store, actor, store.sharing.find(session.id)[0])


def revoke_token(store: Store, actor: Actor, _: Session) -> None:
    store.people.add_token("Nightly", actor.name, NOON)
    sharing.revoke_token(store, actor, store.people.find_tokens()[0])


def stop(store: Store, actor: Actor, session: Session) -> None:
    stop_job(store, actor, Job[None](JobKind.PREDICTION, session.id))


def upload(store: Store, actor: Actor, _: Session) -> None:
    deployments.upload_model(store, actor, "birds v2", lambda: None)


def export(store: Store, actor: Actor, session: Session) -> None:
    with ThreadPoolExecutor(1) as executor:
        queue = ExportQueue(executor)
        deliver.start_export(store, actor, queue, make_export_request(session), lambda _: iter([b"x"]))
    queue.close()


def download(store: Store, actor: Actor, session: Session) -> None:
    file = ExportFile(make_export_request(session))
    deliver.record_download(store, actor, file)
    file.delete()


def make_backup(store: Store, actor: Actor, _: Session) -> None:
    with TemporaryDirectory() as folder:
        back_up(store, actor, Path(folder) / "a.backup")


@dataclass(frozen=True)
class Change:
    """A change, its recorded action, the required role, and the details of its audit event."""

    do: Do
    action: Action
    role: Role
    details: str


CHANGES = [
    Change(
        lambda store, actor, _: sessions.create_session(store, actor, "New"),
        Action.CREATE_SESSION,
        Role.REVIEWER,
        "New",
    ),
    Change(rename, Action.RENAME_SESSION, Role.REVIEWER, "Birds → Owls"),
    Change(
        lambda store, actor, session: sessions.archive_session(store, actor, session.id),
        Action.ARCHIVE_SESSION,
        Role.REVIEWER,
        "Birds",
    ),
    Change(
        lambda store, actor, session: sessions.restore_session(store, actor, session.id),
        Action.RESTORE_SESSION,
        Role.REVIEWER,
        "Birds",
    ),
    Change(
        lambda store, actor, session: sessions.delete_session(store, actor, session.id),
        Action.DELETE_SESSION,
        Role.ADMIN,
        "Birds, 1 image",
    ),
    Change(
        lambda store, actor, session: sessions.dismiss_file_errors(store, actor, session.id),
        Action.DISMISS_FILE_ERRORS,
        Role.REVIEWER,
        "0 files",
    ),
    Change(annotate, Action.ANNOTATE, Role.REVIEWER, f"image {SHA256[:12]}: labeled cat"),
    Change(undo, Action.UNDO_ANNOTATION, Role.REVIEWER, f"image {SHA256[:12]}"),
    Change(
        lambda store, actor, session: annotations.set_true_labels(
            store, actor, session.id, [SHA256], make_true_label("cat")
        ),
        Action.SET_TRUE_LABEL,
        Role.REVIEWER,
        f"image {SHA256[:12]}: cat",
    ),
    Change(
        lambda store, actor, session: annotations.set_true_labels(store, actor, session.id, [SHA256], None),
        Action.CLEAR_TRUE_LABEL,
        Role.REVIEWER,
        f"image {SHA256[:12]}",
    ),
    Change(
        lambda store, actor, session: annotations.set_must_not_regress(store, actor, session.id, [SHA256], marked=True),
        Action.MARK_MUST_NOT_REGRESS,
        Role.REVIEWER,
        f"image {SHA256[:12]}",
    ),
    Change(
        lambda store, actor, session: annotations.set_must_not_regress(
            store, actor, session.id, [SHA256, "0" * 64], marked=False
        ),
        Action.UNMARK_MUST_NOT_REGRESS,
        Role.REVIEWER,
        "2 images",
    ),
    Change(
        lambda store, actor, session: reviews.sign_off_review(store, actor, session.id),
        Action.SIGN_OFF,
        Role.REVIEWER,
        "rule: Any reviewer, unless reviewers disagree",
    ),
    Change(
        lambda store, actor, session: reviews.reopen_review(store, actor, session.id),
        Action.REOPEN,
        Role.REVIEWER,
        "",
    ),
    Change(make_link, Action.CREATE_LINK, Role.REVIEWER, "until it is revoked. Bob"),
    Change(revoke_link, Action.REVOKE_LINK, Role.REVIEWER, "link 1 Bob"),
    Change(
        lambda store, actor, _: sharing.create_token(store, actor, "Nightly"),
        Action.CREATE_TOKEN,
        Role.REVIEWER,
        "Nightly",
    ),
    Change(revoke_token, Action.REVOKE_TOKEN, Role.REVIEWER, "Nightly Grace"),
    Change(stop, Action.STOP, Role.REVIEWER, "0 of 0 predictions were done"),
    Change(make_backup, Action.BACK_UP, Role.ADMIN, "a.backup, 1 session, 1 image, 0 predictions"),
    Change(upload, Action.UPLOAD_MODEL, Role.ADMIN, "birds v2"),
    Change(export, Action.EXPORT, Role.VIEWER, "birds.csv"),
    Change(download, Action.DOWNLOAD, Role.VIEWER, "birds.csv, built for Ada"),
]


@pytest.mark.parametrize("change", CHANGES, ids=lambda change: change.action.name)
def test_a_change_with_the_required_role_is_made_and_recorded(store: Store, birds: Session, change: Change) -> None:
    change.do(store, Actor("Grace", change.role), birds)

    (entry,) = store.audit.find()
    assert (entry.actor, entry.action, entry.details) == ("Grace", change.action.name, change.details)


@pytest.mark.parametrize(
    "change", [change for change in CHANGES if change.role > Role.VIEWER], ids=lambda change: change.action.name
)
def test_a_change_without_the_required_role_is_refused_and_recorded(
    store: Store, birds: Session, change: Change
) -> None:
    with pytest.raises(RoleMissing):
        change.do(store, Actor("Vera", Role(change.role - 1)), birds)

    (entry,) = store.audit.find()
    assert (entry.actor, entry.action) == ("Vera", "REFUSED")
    assert entry.details == f"{change.action.value}: needs the role {change.role.name.lower()}"
    assert store.sessions.get(birds.id).title == "Birds"
    assert store.annotations.find(birds.id) == []


def test_viewers_can_only_sign_in_sign_out_and_export() -> None:
    assert {action for action in Action if required_role(action) is Role.VIEWER} == {
        Action.SIGN_IN,
        Action.SIGN_OUT,
        Action.REFUSED,
        Action.EXPORT,
        Action.DOWNLOAD,
    }


def test_reviewers_cannot_restore_backups(store: Store, birds: Session, tmp_path: Path) -> None:
    back_up(store, Actor("Root", Role.ADMIN), tmp_path / "a.backup")

    with open_backup(tmp_path / "a.backup") as backup, pytest.raises(RoleMissing):
        restore_backup(store, Actor("Grace", Role.REVIEWER), backup)

    entry = store.audit.find(limit=1)[0]
    assert (entry.actor, entry.details) == ("Grace", "Restored backup: needs the role admin")


def test_reviewers_cannot_revoke_tokens_of_other_people(store: Store, birds: Session) -> None:
    store.people.add_token("Nightly", "Ada", NOON)
    (token,) = store.people.find_tokens()

    with pytest.raises(RoleMissing, match="Only admins"):
        sharing.revoke_token(store, Actor("Grace", Role.REVIEWER), token)

    assert store.people.find_tokens() == [token]
    sharing.revoke_token(store, Actor("Root", Role.ADMIN), token)
    assert store.people.find_tokens() != [token]


def test_nobody_annotates_in_the_name_of_another(store: Store, birds: Session) -> None:
    annotate(store, Actor("Grace", Role.REVIEWER), birds)

    assert [annotation.reviewer for annotation in store.annotations.find(birds.id)] == ["Grace"]
