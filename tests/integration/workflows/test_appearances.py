"""Perceptual hashes of images are computed once."""

import io
from collections import Counter
from pathlib import Path
from random import Random

import pytest
from PIL import Image, ImageDraw, ImageEnhance

from lib.domain.images import Appearance, ImageLimits
from lib.images.image_workers import ImageWorkers
from lib.images.preparation import describe_appearance, prepare_image
from lib.settings import ROOT
from lib.stats.near_duplicates import group_near_duplicates
from lib.store import Store
from lib.workflows.stored_images import ensure_appearances
from tests.builders.values import NOON, make_prepared_image

SAMPLES = sorted((ROOT / "samples").glob("*.jpg"))


def as_jpeg(picture: Image.Image, quality: int = 85) -> bytes:
    stream = io.BytesIO()
    picture.save(stream, "JPEG", quality=quality)
    return stream.getvalue()


def look_of(content: bytes) -> Appearance:
    return describe_appearance(prepare_image(content, "a.jpg", ImageLimits()).thumbnail)


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda path: path.stem)
def test_a_resaved_smaller_or_brighter_image_is_a_near_duplicate(sample: Path) -> None:
    with Image.open(sample) as picture:
        original = look_of(sample.read_bytes())
        again = look_of(as_jpeg(picture, quality=40))
        smaller = look_of(as_jpeg(picture.resize((picture.width // 2, picture.height // 2))))
        brighter = look_of(as_jpeg(ImageEnhance.Brightness(picture).enhance(1.1)))

    assert group_near_duplicates([original, again, smaller, brighter]) == [0, 0, 0, 0]


def crop(picture: Image.Image, left: float, top: float, right: float, bottom: float) -> Image.Image:
    """The part of a picture between these shares of its width and height."""
    width, height = picture.size
    return picture.crop((round(left * width), round(top * height), round(right * width), round(bottom * height)))


def test_most_pictures_are_near_duplicates_when_cropped_or_moved_a_little() -> None:
    # Without alignment, one or none of ten was found.
    joined: Counter[str] = Counter()
    for sample in SAMPLES:
        with Image.open(sample) as picture:
            copies = {
                "cropped to 90%": crop(picture, 0.05, 0.05, 0.95, 0.95),
                "moved by 3%": crop(picture, 0.03, 0, 1, 0.97),
                "turned": crop(picture.rotate(1, Image.Resampling.BICUBIC), 0.02, 0.02, 0.98, 0.98),
            }
            original = look_of(sample.read_bytes())
        for how, copy in copies.items():
            joined[how] += group_near_duplicates([original, look_of(as_jpeg(copy))]) == [0, 0]

    assert min(joined.values()) >= 0.7 * len(SAMPLES)


def test_different_photographs_are_not_near_duplicates() -> None:
    appearances = [look_of(sample.read_bytes()) for sample in SAMPLES]

    assert group_near_duplicates(appearances) == list(range(len(SAMPLES)))


def make_stamp(random: Random) -> Image.Image:
    """A light card with a dark frame, which all have, and a motif of its own."""
    stamp = Image.new("L", (120, 150), 235)
    draw = ImageDraw.Draw(stamp)
    draw.rectangle((6, 6, 113, 143), outline=40, width=6)
    for _ in range(4):
        x, y = random.randint(20, 70), random.randint(20, 95)
        box = (x, y, x + random.randint(15, 35), y + random.randint(15, 40))
        random.choice([draw.ellipse, draw.rectangle])(box, fill=random.randint(0, 180))
    return stamp


def make_scene(background: Image.Image, random: Random) -> Image.Image:
    """A fixed camera's picture, in which an object of a fifth of the width is another one each time."""
    scene = background.copy()
    x, y, size = random.randint(240, 280), random.randint(170, 200), random.randint(110, 140)
    shape = random.choice([ImageDraw.Draw(scene).ellipse, ImageDraw.Draw(scene).rectangle])
    shape((x, y, x + size, y + size * 3 // 4), fill=tuple(random.randrange(256) for _ in range(3)))
    return scene


def test_different_motifs_in_the_same_frame_are_not_near_duplicates() -> None:
    # By hash alone and in chains, the largest group of 785 such stamps had 186.
    random = Random(5)

    groups = group_near_duplicates([look_of(as_jpeg(make_stamp(random))) for _ in range(200)])

    assert max(Counter(groups).values()) <= 4


def test_different_objects_before_a_fixed_camera_are_not_one_group() -> None:
    # By hash alone and in chains, 150 such pictures were one group.
    random = Random(6)
    with Image.open(SAMPLES[-1]) as picture:
        background = picture.convert("RGB").resize((640, 480))

    groups = group_near_duplicates([look_of(as_jpeg(make_scene(background, random))) for _ in range(100)])

    assert max(Counter(groups).values()) <= 20


def test_each_image_is_hashed_once_and_progress_is_reported(store: Store, images: ImageWorkers) -> None:
    session = store.sessions.create("Birds", NOON)
    prepared = prepare_image(SAMPLES[0].read_bytes(), "a.jpg", ImageLimits())
    store.images.add(session.id, prepared, NOON)
    told: list[tuple[int, int]] = []

    ensure_appearances(store, [prepared.image.sha256], images, lambda done, total: told.append((done, total)))
    ensure_appearances(store, [prepared.image.sha256], images, lambda done, total: told.append((done, total)))

    assert told == [(0, 1)]
    assert store.images.find_without_appearance([prepared.image.sha256]) == []


def test_an_image_with_a_missing_file_is_skipped(store: Store, images: ImageWorkers) -> None:
    session = store.sessions.create("Birds", NOON)
    gone = make_prepared_image(b"gone")
    whole = prepare_image(SAMPLES[0].read_bytes(), "a.jpg", ImageLimits())
    store.images.add(session.id, gone, NOON)
    store.images.add(session.id, whole, NOON)
    store._database.files.delete(gone.image.sha256)

    ensure_appearances(store, [gone.image.sha256, whole.image.sha256], images)

    assert store.images.find_without_appearance([gone.image.sha256, whole.image.sha256]) == [gone.image.sha256]
