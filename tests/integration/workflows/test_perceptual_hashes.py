"""What images look like is found out once."""

import io
from pathlib import Path

import pytest
from PIL import Image, ImageEnhance

from lib.domain.images import ImageLimits
from lib.images.image_workers import ImageWorkers
from lib.images.preparation import perceptual_hash, prepare_image
from lib.settings import ROOT
from lib.store import Store
from lib.workflows.stored_images import ensure_perceptual_hashes
from tests.builders.values import NOON, make_prepared_image

SAMPLES = sorted((ROOT / "samples").glob("*.jpg"))


def as_jpeg(picture: Image.Image, quality: int = 85) -> bytes:
    stream = io.BytesIO()
    picture.save(stream, "JPEG", quality=quality)
    return stream.getvalue()


def look_of(content: bytes) -> int:
    return perceptual_hash(prepare_image(content, "a.jpg", ImageLimits()).thumbnail)


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda path: path.stem)
def test_a_picture_looks_the_same_when_it_is_saved_again_smaller_or_brighter(sample: Path) -> None:
    with Image.open(sample) as picture:
        original = look_of(sample.read_bytes())
        again = look_of(as_jpeg(picture, quality=40))
        smaller = look_of(as_jpeg(picture.resize((picture.width // 2, picture.height // 2))))
        brighter = look_of(as_jpeg(ImageEnhance.Brightness(picture).enhance(1.1)))

    assert max((original ^ other).bit_count() for other in (again, smaller, brighter)) <= 4


def test_different_photographs_look_different() -> None:
    perceptual_hashes = [look_of(sample.read_bytes()) for sample in SAMPLES]

    distances = [
        (first ^ second).bit_count()
        for place, first in enumerate(perceptual_hashes)
        for second in perceptual_hashes[:place]
    ]
    assert min(distances) > 4


def test_each_image_is_looked_at_once_and_progress_is_told(store: Store, images: ImageWorkers) -> None:
    session = store.sessions.create("Birds", NOON)
    prepared = prepare_image(SAMPLES[0].read_bytes(), "a.jpg", ImageLimits())
    store.images.add(session.id, prepared, NOON)
    told: list[tuple[int, int]] = []

    ensure_perceptual_hashes(store, [prepared.image.sha256], images, lambda done, total: told.append((done, total)))
    ensure_perceptual_hashes(store, [prepared.image.sha256], images, lambda done, total: told.append((done, total)))

    assert told == [(0, 1)]
    assert store.images.find_without_hash([prepared.image.sha256]) == []


def test_an_image_whose_file_is_gone_stops_nobody(store: Store, images: ImageWorkers) -> None:
    session = store.sessions.create("Birds", NOON)
    gone = make_prepared_image(b"gone")
    whole = prepare_image(SAMPLES[0].read_bytes(), "a.jpg", ImageLimits())
    store.images.add(session.id, gone, NOON)
    store.images.add(session.id, whole, NOON)
    store._database.files.delete(gone.image.sha256)

    ensure_perceptual_hashes(store, [gone.image.sha256, whole.image.sha256], images)

    assert store.images.find_without_hash([gone.image.sha256, whole.image.sha256]) == [gone.image.sha256]
