"""Files to upload, and apps that may be killed."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from PIL import Image

from tests.browser.sign_in.conftest import provider
from tests.stand_ins.app_server import AppServer

__all__ = ["provider"]

FILE_COUNT = 24


@pytest.fixture(scope="session")
def files(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """Photographs of a phone's size, each different."""
    folder = tmp_path_factory.mktemp("files")
    return [_write(folder / f"IMG_{number:04d}.jpg", number) for number in range(FILE_COUNT)]


def _write(path: Path, number: int) -> Path:
    Image.effect_noise((800, 600), 20 + number).convert("RGB").save(path, "JPEG")
    return path


@pytest.fixture
def server(tmp_path: Path) -> Iterator[AppServer]:
    app = AppServer(tmp_path)
    app.start()
    yield app
    app.kill()
