"""The check of model files: malicious files are rejected, and passed checks are recorded."""

import json
import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from lib.errors import UnservableModel
from lib.serving.models.model_runner import Limits
from lib.serving.models.model_workers import ModelWorkers
from tests.builders import hostile_exports as hostile
from tests.builders.exports import NetworkPlan, make_network


@pytest.fixture
def record_file(tmp_path: Path) -> Path:
    return tmp_path / "checked.json"


@pytest.fixture
def workers(record_file: Path) -> Iterator[ModelWorkers]:
    workers = ModelWorkers(record_file)
    yield workers
    workers.close()


def make_file(tmp_path: Path, content: bytes) -> Path:
    file = tmp_path / "model.tflite"
    file.write_bytes(content)
    return file


@pytest.mark.parametrize(
    ("make", "reason"),
    [
        (hostile.make_crashing, "crashed its process"),
        (hostile.make_growing, "crashed its process: it is broken, or needs more than 512 MB of memory"),
        (hostile.make_with_loop, "holds no scores"),
        (hostile.make_with_index_out_of_range, "holds no scores"),
        (hostile.make_with_gigabytes, "a tensor of 28,610 MB; the most is 512 MB of memory"),
        (hostile.make_with_hidden_gigabytes, "cannot be read"),
        (hostile.make_with_nan_weight, "a score of nan"),
    ],
)
def test_a_malicious_file_is_rejected_with_a_reason_and_affects_only_its_worker(
    workers: ModelWorkers, tmp_path: Path, make: Callable[[], bytes], reason: str
) -> None:
    with pytest.raises(UnservableModel, match=reason):
        workers.check(make_file(tmp_path, make()))

    assert workers.count() == 0


def test_a_file_that_never_finishes_is_rejected_after_a_timeout(record_file: Path, tmp_path: Path) -> None:
    workers = ModelWorkers(record_file, Limits(call_s=2))

    with pytest.raises(UnservableModel, match=r"did not respond within 2 seconds"):
        workers.check(make_file(tmp_path, hostile.make_hanging()))

    assert workers.count() == 0


@pytest.mark.parametrize("place", [20, 416])
def test_offsets_outside_the_file_affect_only_the_worker(workers: ModelWorkers, tmp_path: Path, place: int) -> None:
    content = bytearray(make_network(NetworkPlan()))
    content[place : place + 4] = b"\xff\xff\xff\xff"

    with pytest.raises(UnservableModel):
        workers.check(make_file(tmp_path, bytes(content)))


def make_pipe(file: Path) -> None:
    os.mkfifo(file)


def make_device(file: Path) -> None:
    file.symlink_to("/dev/zero")


def make_link_to_itself(file: Path) -> None:
    file.symlink_to(file)


def make_gigantic(file: Path) -> None:
    with file.open("wb") as stream:
        stream.truncate(1 << 40)


@pytest.mark.parametrize(
    ("make", "reason"),
    [
        (make_pipe, "is not a file"),
        (make_device, "is not a file"),
        (make_link_to_itself, "is not a file"),
        (Path.mkdir, "is not a file"),
        (make_gigantic, "has 1,048,576 MB; the most is 300 MB"),
    ],
)
def test_pipes_devices_and_oversized_files_are_not_read(
    workers: ModelWorkers, tmp_path: Path, make: Callable[[Path], None], reason: str
) -> None:
    file = tmp_path / "model.tflite"
    make(file)

    for look in (workers.find_checked, workers.check):
        with pytest.raises(UnservableModel, match=reason):
            look(file)


def test_no_worker_is_left_after_a_check(workers: ModelWorkers, tmp_path: Path) -> None:
    workers.check(make_file(tmp_path, make_network(NetworkPlan())))

    assert workers.count() == 0


def test_a_passed_check_is_recorded_for_the_next_start(
    workers: ModelWorkers, record_file: Path, tmp_path: Path
) -> None:
    file = make_file(tmp_path, make_network(NetworkPlan()))
    before = workers.find_checked(file)

    network = workers.check(file)

    assert before is None
    assert ModelWorkers(record_file).find_checked(file) == network


def test_a_file_that_changed_is_checked_again(workers: ModelWorkers, record_file: Path, tmp_path: Path) -> None:
    workers.check(make_file(tmp_path, make_network(NetworkPlan())))

    changed = make_file(tmp_path, make_network(NetworkPlan(width_px=9)))

    assert workers.find_checked(changed) is None
    assert ModelWorkers(record_file).find_checked(changed) is None


def test_a_record_of_a_different_check_is_ignored(workers: ModelWorkers, record_file: Path, tmp_path: Path) -> None:
    file = make_file(tmp_path, make_network(NetworkPlan()))
    workers.check(file)
    record = json.loads(record_file.read_text())
    record_file.write_text(json.dumps({**record, "check": "0"}))

    assert ModelWorkers(record_file).find_checked(file) is None


@pytest.mark.parametrize(
    "content", [b"", b"[]", b"{}", b"null", b"[" * 200_000, b"\xff", b'{"check": 1, "networks": 1}', b" " * (2 << 20)]
)
def test_files_are_checked_again_if_the_record_is_invalid(record_file: Path, tmp_path: Path, content: bytes) -> None:
    record_file.write_bytes(content)
    file = make_file(tmp_path, make_network(NetworkPlan()))
    workers = ModelWorkers(record_file)

    assert workers.find_checked(file) is None
    assert workers.check(file).label_count == 3
    workers.close()


def test_a_record_that_cannot_be_written_does_not_stop_the_check(tmp_path: Path) -> None:
    file = make_file(tmp_path, make_network(NetworkPlan()))
    workers = ModelWorkers(file / "no folder" / "checked.json")

    assert workers.check(file).label_count == 3
    workers.close()
