"""A disk that is full, made of a small file system in memory that only the writer's process sees."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from lib.settings import ROOT

# Fills the folder with sessions or images, and prints the error and the files that are left of a failed image.
WRITER = """
import sys
from pathlib import Path
from lib.errors import StorageUnavailable
from lib.store import Store
from tests.builders.values import NOON, make_prepared_image
full, roomy, what = sys.argv[1:]
database, images = (full, roomy) if what == "database" else (roomy, full)
store = Store(f"sqlite:///{database}/test.db", f"{images}/images")
session = store.sessions.create("Birds", NOON)
try:
    for number in range(1000):
        if what == "database":
            store.sessions.create("Birds " * 1000, NOON)
        else:
            store.images.add(session.id, make_prepared_image(b"%d" % number * 20_000), NOON)
except StorageUnavailable as error:
    print(error, error.is_retryable, sep="|")
names = [path.name for path in Path(images, "images").rglob("*") if path.is_file()]
shown = {image.sha256 for image in store.images.find(session.id, limit=1000)}
print(len([name for name in names if name not in shown and name.removesuffix(".webp") not in shown]))
print(all(len(store.images.get_prepared(session.id, sha256).content) >= 20_000 for sha256 in shown), len(shown) > 9)
"""


def fill(tmp_path: Path, what: str) -> list[str]:
    full, roomy = tmp_path / "full", tmp_path / "roomy"
    for folder in (full, roomy):
        folder.mkdir()
    mount = 'mount -t tmpfs -o size=2m tmpfs "$1" && exec "$0" -c "$4" "$1" "$2" "$3"'
    inner = ["sh", "-c", mount, sys.executable, str(full), str(roomy), what, WRITER]
    command = ["unshare", "--user", "--map-root-user", "--mount", *inner]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    return done.stdout.splitlines()


def can_mount() -> bool:
    if shutil.which("unshare") is None:
        return False
    probe = ["unshare", "--user", "--map-root-user", "--mount", "sh", "-c", "mount -t tmpfs tmpfs /mnt"]
    return subprocess.run(probe, check=False, capture_output=True).returncode == 0


pytestmark = pytest.mark.skipif(not can_mount(), reason="This system lets nobody make a small file system.")


def test_a_full_disk_of_the_database_is_reported(tmp_path: Path) -> None:
    reported, *_ = fill(tmp_path, "database")

    assert reported == (
        "The database has no disk space left. Ask your administrator to free space, then try again.|True"
    )


def test_a_full_disk_of_images_is_reported_and_no_part_of_an_image_stays(tmp_path: Path) -> None:
    reported, left, readable = fill(tmp_path, "images")

    assert reported == (
        "There is no space left to store images. Ask your administrator to free space, then try again.|True"
    )
    assert int(left) <= 1  # the thumbnail of the image whose content did not fit
    assert readable == "True True"
