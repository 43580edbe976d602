"""Images stored with metadata are always sent and exported without it."""

import ast
import hashlib
from collections.abc import Iterator
from concurrent.futures import Executor, ThreadPoolExecutor
from dataclasses import replace

import pytest

from lib.domain.images import Image, ImageLimits, PreparedImage
from lib.domain.predictions import ModelVersion, Prediction
from lib.domain.sessions import Session
from lib.errors import UnusableImage
from lib.images.image_workers import ImageWorkers
from lib.images.perturbations import EVERYDAY
from lib.settings import ROOT
from lib.store import Store
from lib.workflows.exports.csv_file import write_csv
from lib.workflows.exports.json_lines import write_json_lines
from lib.workflows.exports.report import write_report
from lib.workflows.exports.rows import Selection
from lib.workflows.prediction_context import PredictionContext
from lib.workflows.prediction_tasks import PredictionTasks, Upload
from lib.workflows.probe import find_probe, start_probe
from lib.workflows.stored_images import get_outgoing_content, get_outgoing_image
from tests.builders.image_files import make_jpeg
from tests.builders.image_metadata import SECRETS, make_telling_jpeg, make_telling_png
from tests.builders.values import NOON, REVIEWER, make_version

_ENDS_WITHIN_S = 60
# The only places that read stored image bytes.
READERS = {"lib/store/images.py", "lib/store/image_files.py", "lib/workflows/stored_images.py"}
STORED = {"image/jpeg": make_telling_jpeg(), "image/png": make_telling_png()}


class Recorder:
    """A provider that records the images it receives."""

    def __init__(self) -> None:
        self.sent: list[bytes] = []

    def predict(self, version: ModelVersion, image: PreparedImage) -> Prediction:  # noqa: ARG002
        self.sent.append(image.content)
        return Prediction(("cat", "dog"), (0.75, 0.25))


@pytest.fixture
def recorder() -> Recorder:
    return Recorder()


@pytest.fixture
def probing() -> Iterator[Executor]:
    with ThreadPoolExecutor(2) as threads:
        yield threads


@pytest.fixture
def recording_context(prediction_context: PredictionContext, recorder: Recorder) -> PredictionContext:
    return replace(prediction_context, client=recorder)


@pytest.fixture
def kept(store: Store, images: ImageWorkers) -> Session:
    """A session whose images were stored by a release that did not strip metadata."""
    session = store.sessions.create("Old", NOON)
    for media_type, content in STORED.items():
        thumbnail = images.prepare(content, "a", ImageLimits()).thumbnail
        image = Image(hashlib.sha256(content).hexdigest(), "old", media_type, 32, 16, len(content))
        store.images.add(session.id, PreparedImage(image, content, thumbnail), NOON)
    return session


def find_secrets(content: bytes) -> list[bytes]:
    return [secret for secret in SECRETS if secret in content]


def test_stored_bytes_do_not_change(store: Store, kept: Session) -> None:
    for image in store.images.find(kept.id):
        assert find_secrets(get_outgoing_content(store, image.sha256)) == []
        assert find_secrets(get_outgoing_image(store, kept.id, image.sha256).content) == []

    assert [store.images.get_content(image.sha256) for image in store.images.find(kept.id)] == list(STORED.values())
    assert get_outgoing_image(store, kept.id, image.sha256).image == image


def test_metadata_of_stored_images_is_not_sent_to_a_provider(
    recording_context: PredictionContext, recorder: Recorder, kept: Session
) -> None:
    tasks = PredictionTasks(recording_context, kept.id, [make_version()])
    tasks.add_stored({make_version(): [image.sha256 for image in recording_context.store.images.find(kept.id)]})

    assert tasks.job.wait(_ENDS_WITHIN_S).done == 2
    assert [find_secrets(content) for content in recorder.sent] == [[], []]


def test_metadata_of_new_images_is_not_sent_to_a_provider(
    recording_context: PredictionContext, recorder: Recorder, session: Session
) -> None:
    tasks = PredictionTasks(recording_context, session.id, [make_version()])
    tasks.add_uploads([Upload("new", content) for content in STORED.values()])

    assert tasks.job.wait(_ENDS_WITHIN_S).done == 2
    assert [find_secrets(content) for content in recorder.sent] == [[], []]
    assert [image.steps for image in recording_context.store.images.find(session.id)] == [("Location removed",)] * 2


def test_metadata_of_perturbed_images_is_not_sent_to_a_provider(
    recording_context: PredictionContext, recorder: Recorder, kept: Session, probing: Executor
) -> None:
    tasks = PredictionTasks(recording_context, kept.id, [make_version()])
    tasks.add_stored({make_version(): [image.sha256 for image in recording_context.store.images.find(kept.id)]})
    tasks.job.wait(_ENDS_WITHIN_S)
    recorder.sent.clear()
    probe = find_probe(
        recording_context.store, kept.id, recording_context.store.images.find(kept.id), [make_version()], EVERYDAY
    )

    start_probe(recording_context, REVIEWER, kept.id, probe.find_missing_tasks(), probing).wait(_ENDS_WITHIN_S)

    assert len(recorder.sent) == 2 * len(EVERYDAY)
    assert [secret for content in recorder.sent for secret in find_secrets(content)] == []


def test_exported_files_have_no_metadata(store: Store, kept: Session, images: ImageWorkers) -> None:
    selection = Selection(store.sessions.get(kept.id), {})

    files = [
        b"".join(write_report(store, selection, NOON, lambda _: None, images)),
        b"".join(write_csv(store, selection, lambda _: None)),
        b"".join(write_json_lines(store, selection, lambda _: None)),
    ]

    assert b"data:image/jpeg;base64," in files[0]
    assert [find_secrets(content) for content in files] == [[], [], []]
    assert [find_secrets(store.images.get_thumbnail(image.sha256)) for image in store.images.find(kept.id)] == [[], []]


def test_a_stored_file_that_cannot_be_parsed_is_not_sent(store: Store, session: Session) -> None:
    content = make_jpeg()[:-2]
    image = Image(hashlib.sha256(content).hexdigest(), "old", "image/jpeg", 32, 16, len(content))
    store.images.add(session.id, PreparedImage(image, content, b"small"), NOON)

    with pytest.raises(UnusableImage, match=r"stored image is damaged\. Upload it again\."):
        get_outgoing_content(store, image.sha256)


def test_a_stored_file_with_too_many_segments_is_not_sent(store: Store, session: Session) -> None:
    content = make_jpeg()[:-2] + b"\xff\xdc\0\2" * 2001 + b"\xff\xd9"
    image = Image(hashlib.sha256(content).hexdigest(), "old", "image/jpeg", 32, 16, len(content))
    store.images.add(session.id, PreparedImage(image, content, b"small"), NOON)

    with pytest.raises(UnusableImage, match="more than 2,000 segments"):
        get_outgoing_content(store, image.sha256)


def test_a_stored_file_without_metadata_is_sent_unchanged(store: Store, session: Session) -> None:
    content = make_jpeg()
    image = Image(hashlib.sha256(content).hexdigest(), "old", "image/jpeg", 32, 16, len(content))
    store.images.add(session.id, PreparedImage(image, content, b"small"), NOON)

    assert [get_outgoing_content(store, image.sha256) for _ in range(2)] == [content, content]


def test_stored_bytes_are_read_by_one_function_only() -> None:
    files = [ROOT / "app.py", *(ROOT / "lib").rglob("*.py"), *(ROOT / "pages").rglob("*.py")]
    reading = {"get_content", "get_prepared"}

    found = {
        str(file.relative_to(ROOT))
        for file in files
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8")))
        if isinstance(node, ast.Attribute) and node.attr in reading
    }

    assert found <= READERS
