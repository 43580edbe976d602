"""Untrusted images are decoded in separate processes that cannot crash the app."""

import io
import time
from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest
from PIL import Image

from lib.domain.images import ImageLimits, PreparedImage
from lib.errors import UnusableImage
from lib.images.image_workers import KIND, ImageWorkers
from lib.images.perturbations import EVERYDAY
from lib.images.preparation import prepare_image
from tests.builders.expensive_images import EXPENSIVE, make_many_scans
from tests.builders.image_files import make_exif, make_file, make_jpeg, make_noise, make_picture

LIMITS = ImageLimits()
TAKES_TOO_LONG = "Decoding the image takes too long. Save it"


@pytest.fixture
def hasty() -> Iterator[ImageWorkers]:
    """Workers with a short time limit."""
    workers = ImageWorkers(1, replace(KIND, call_s=0.3))
    yield workers
    workers.close()


@pytest.mark.parametrize(
    "content",
    [make_jpeg(), make_jpeg(exif=make_exif(6)), make_jpeg(exif=make_exif(1)), make_file("PNG"), make_file("GIF")],
    ids=["sent as it came", "turned", "stripped", "png", "gif"],
)
def test_a_worker_returns_the_same_image_as_the_function(content: bytes, images: ImageWorkers) -> None:
    assert images.prepare(content, "a name", LIMITS) == prepare_image(content, "a name", LIMITS)


def test_an_unchanged_file_is_not_copied_back(images: ImageWorkers) -> None:
    content = make_jpeg()

    assert images.prepare(content, "a", LIMITS).content is content


@pytest.mark.parametrize("content", [b"", b"no image", make_jpeg()[:-50]], ids=["empty", "text", "half"])
def test_a_worker_raises_the_same_error_as_the_function(content: bytes, images: ImageWorkers) -> None:
    with pytest.raises(UnusableImage) as expected:
        prepare_image(content, "a", LIMITS)

    with pytest.raises(UnusableImage) as refused:
        images.prepare(content, "a", LIMITS)
    with pytest.raises(UnusableImage) as refused_by_api:
        images.read_pixels(content, 8, 8)
    assert str(refused.value) == str(refused_by_api.value) == str(expected.value)


def test_pixels_are_resized_to_the_requested_size(images: ImageWorkers) -> None:
    pixels = images.read_pixels(make_file("PNG", make_picture((32, 16))), 2, 1)

    # Red on the left, blue on the right: the filter lets at most a quarter of the other one through.
    assert pixels.shape == (1, 2, 3)
    assert pixels[0, 0, 0] > 190
    assert pixels[0, 1, 2] > 190


@pytest.mark.parametrize("make", EXPENSIVE.values(), ids=EXPENSIVE.keys())
def test_an_expensive_file_is_rejected_or_decoded_in_time_on_the_page_and_in_the_api(
    make: Callable[[], bytes], images: ImageWorkers
) -> None:
    content = make()

    start_s = time.monotonic()
    outcomes = [
        _outcome(lambda: images.prepare(content, "a", LIMITS)),
        _outcome(lambda: images.read_pixels(content, 8, 8)),
    ]

    assert outcomes[0] == outcomes[1]
    assert time.monotonic() - start_s < 2 * KIND.call_s + 10
    assert images.prepare(make_jpeg(), "the next one", LIMITS)


def _outcome(call: Callable[[], object]) -> str:
    try:
        call()
    except UnusableImage as refused:
        return str(refused)
    return "done"


def test_a_jpeg_with_too_many_scans_is_rejected_before_it_is_decoded() -> None:
    start_s = time.process_time()
    with pytest.raises(UnusableImage, match="more than 200 scans: save it again"):
        prepare_image(make_many_scans(2000, (1000, 750)), "a.jpg", LIMITS)

    assert time.process_time() - start_s < 2  # most of it is spent on making the file


def test_a_jpeg_with_many_scans_is_accepted_if_decoded_in_time(images: ImageWorkers) -> None:
    assert images.prepare(make_many_scans(200), "a.jpg", LIMITS).image.width_px == 64


def test_trailing_bytes_are_not_counted_as_scans() -> None:
    content = make_jpeg() + b"\xff\xda" * 300

    assert prepare_image(content, "motion.jpg", LIMITS).content == make_jpeg()


def test_decoding_stops_at_its_timeout_and_the_next_image_is_decoded(hasty: ImageWorkers) -> None:
    slow = make_many_scans(200, (5000, 4000))

    with pytest.raises(UnusableImage, match=TAKES_TOO_LONG):
        hasty.prepare(slow, "a.jpg", LIMITS)
    with pytest.raises(UnusableImage, match=TAKES_TOO_LONG):
        hasty.read_pixels(slow, 8, 8)
    assert _retry_prepare(hasty) == prepare_image(make_jpeg(), "a.jpg", LIMITS)


def _retry_prepare(workers: ImageWorkers) -> PreparedImage | None:
    """A worker that has just started may need more than that for its first call on a busy machine."""
    for _ in range(10):
        try:
            return workers.prepare(make_jpeg(), "a.jpg", LIMITS)
        except UnusableImage:
            continue
    return None


def test_decoding_cannot_exceed_its_memory_limit() -> None:
    workers = ImageWorkers(1, replace(KIND, memory_bytes=60 << 20))
    large = make_file("PNG", Image.new("RGB", (6000, 6000)))  # 108 MB of pixels

    with pytest.raises(UnusableImage, match=r"(takes too much memory|cannot be decoded)"):
        workers.prepare(large, "a.png", LIMITS)

    assert workers.prepare(make_jpeg(), "a.jpg", LIMITS)
    workers.close()


@pytest.mark.parametrize(
    ("kind", "options"), [("PNG", {"compress_level": 1}), ("WEBP", {"lossless": True, "quality": 0, "method": 0})]
)
def test_the_largest_accepted_image_is_decoded_with_its_transparency(
    kind: str, options: dict[str, object], images: ImageWorkers
) -> None:
    picture = make_picture((8660, 5770)).convert("RGBA")  # 49.97 megapixels
    picture.putalpha(Image.linear_gradient("L").resize(picture.size))

    prepared = images.prepare(make_file(kind, picture, **options), "a", LIMITS)

    assert (prepared.image.width_px, prepared.image.height_px) == (8660, 5770)
    assert "Transparent parts put on white" in prepared.image.steps


def test_an_image_is_perturbed_without_its_metadata(images: ImageWorkers) -> None:
    prepared = images.prepare(make_jpeg(make_noise()), "a.jpg", LIMITS)

    perturbed = [images.perturb(prepared, perturbation, 30 << 20) for perturbation in EVERYDAY]

    assert len({each.image.sha256 for each in perturbed}) == len(EVERYDAY)
    assert [each.image.steps[-1] for each in perturbed] == [perturbation.description for perturbation in EVERYDAY]


def test_only_a_broken_thumbnail_has_no_hash(images: ImageWorkers) -> None:
    thumbnail = prepare_image(make_jpeg(make_noise()), "a", LIMITS).thumbnail

    first, broken, last = images.describe_thumbnails([thumbnail, b"broken", thumbnail])

    assert first == last is not None
    assert broken is None


def test_a_thumbnail_is_shrunk(images: ImageWorkers) -> None:
    thumbnail = prepare_image(make_jpeg(make_noise((800, 600))), "a", LIMITS).thumbnail

    assert Image.open(io.BytesIO(images.shrink_thumbnail(thumbnail))).size == (160, 120)


def test_workers_end_when_their_pool_is_garbage_collected() -> None:
    workers = ImageWorkers(1)
    workers.prepare(make_jpeg(), "a.jpg", LIMITS)
    pool = workers._pool

    del workers

    assert pool.count() == 0
