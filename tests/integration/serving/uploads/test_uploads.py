"""Uploaded exports are served immediately."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from lib.domain.images import ImageLimits
from lib.errors import UnservableModel
from lib.images.preparation import prepare_image
from lib.providers.automl import AutomlClient
from lib.providers.automl_servers import built_in_server
from lib.serving import PredictionService
from tests.builders.checked_exports import make_service
from tests.builders.exports import COLORS, make_picture
from tests.integration.serving.uploads.conftest import Files, find_left, pack


def test_an_uploaded_version_is_served_immediately_and_after_a_restart(
    service: PredictionService, models_dir: Path, files: Files
) -> None:
    client = AutomlClient(built_in_server(f"127.0.0.1:{service.start_grpc()}"))
    before = [each.version.version for each in client.find_versions("second-look", "us-central1")]

    service.add_export("colors", "v2", files)

    versions = {each.version.version: each.version for each in client.find_versions("second-look", "us-central1")}
    image = prepare_image(make_picture("red"), "red.png", ImageLimits())
    top = client.predict(versions["v2"], image).top
    again = make_service(models_dir)
    assert (before, list(versions)) == (["v1"], ["v1", "v2"])
    assert top is not None
    assert top.label == "red"
    assert [model.version for model in again.models] == ["v1", "v2"]
    client.close()


def test_an_upload_does_not_deploy_undeployed_versions(service: PredictionService, files: Files) -> None:
    client = AutomlClient(built_in_server(f"127.0.0.1:{service.start_grpc()}"))
    (first,) = client.find_versions("second-look", "us-central1")
    list(client.undeploy(first.version))

    service.add_export("colors", "v2", files)

    found = {each.version.version: each.version.deployed for each in client.find_versions("second-look", "us-central1")}
    assert found == {"v1": False, "v2": True}
    client.close()


@pytest.mark.parametrize("top", ["", "my-model/", "a/b/"])
def test_a_zip_may_contain_the_files_or_their_folder(service: PredictionService, files: Files, top: str) -> None:
    served = service.add_export("birds", "v1", pack({f"{top}{name}": content for name, content in files.items()}))

    assert served.labels == COLORS


def test_an_upload_can_create_a_family(service: PredictionService, models_dir: Path, files: Files) -> None:
    service.add_export("New family 2", "first.try", files)

    assert (models_dir / "New family 2/first.try/model.tflite").is_file()


def test_system_files_in_a_zip_are_ignored(service: PredictionService, models_dir: Path, files: Files) -> None:
    added = {
        "__MACOSX/export/._dict.txt": b"resource fork",
        "__MACOSX/._export": b"resource fork",
        "export/.DS_Store": b"Bud1",
        "export/._model.tflite": b"resource fork",
        "export/Thumbs.db": b"thumbnails",
        "export/desktop.ini": b"[.ShellClassInfo]",
    }

    service.add_export("birds", "v1", pack({f"export/{name}": content for name, content in files.items()} | added))

    assert {path.name for path in (models_dir / "birds/v1").iterdir()} == {"model.tflite", "dict.txt"}


def test_system_files_among_uploaded_files_are_ignored(service: PredictionService, files: Files) -> None:
    served = service.add_export("birds", "v1", {**files, "._model.tflite": b"fork", ".DS_Store": b"Bud1"})

    assert served.labels == COLORS


def test_only_one_of_several_simultaneous_uploads_with_one_name_succeeds(
    service: PredictionService, files: Files
) -> None:
    def upload(_: int) -> str:
        try:
            return service.add_export("colors", "v2", files).version
        except UnservableModel as error:
            return str(error)

    with ThreadPoolExecutor(4) as threads:
        ends = list(threads.map(upload, range(4)))

    assert sorted(ends) == [*["colors v2 exists already: give the version another name"] * 3, "v2"]
    assert [model.version for model in service.models] == ["v1", "v2"]


def test_an_interrupted_upload_is_removed_at_the_next_start(models_dir: Path) -> None:
    (models_dir / ".upload-abc").mkdir()
    (models_dir / ".upload-abc/model.tflite").write_bytes(b"half of it")

    make_service(models_dir)

    assert find_left(models_dir) == []
