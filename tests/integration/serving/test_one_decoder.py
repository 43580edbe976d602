"""The page and `:predict` decode every image format identically."""

import io
from collections.abc import Callable

import numpy as np
import pillow_heif
import pytest
from numpy.typing import NDArray
from PIL import ExifTags, Image

from lib.domain.images import ImageLimits
from lib.errors import UnusableImage
from lib.images.image_workers import ImageWorkers
from lib.serving.api_errors import ApiError
from lib.serving.models.served_models import ServedModel
from lib.settings import ROOT
from tests.builders.checked_exports import read_library
from tests.builders.image_depths import make_jpeg_2000, make_tiff
from tests.builders.image_files import make_frames, make_png
from tests.builders.image_profiles import DISPLAY_P3, make_rgb_profile

LIMITS = ImageLimits()
# A score moves a little where a picture is saved with losses once more.
LOSSLESS, LOSSY = 1e-6, 0.08


@pytest.fixture(scope="module")
def v1() -> ServedModel:
    return next(model for model in read_library(ROOT / "models").models if model.version == "v1")


def open_sample(mode: str = "RGB") -> Image.Image:
    with Image.open(ROOT / "samples/dandelion.jpg") as picture:
        return picture.convert("RGB").resize((448, 252)).convert(mode)


def save(kind: str, mode: str = "RGB", **options: object) -> bytes:
    stream = io.BytesIO()
    open_sample(mode).save(stream, kind, **options)
    return stream.getvalue()


def save_heic() -> bytes:
    stream = io.BytesIO()
    pillow_heif.from_pillow(open_sample()).save(stream, quality=90)
    return stream.getvalue()


def save_gray(kind: str, dtype: str, factor: float, **options: object) -> bytes:
    """Return the sample in gray with each value multiplied by a factor."""
    values = np.asarray(open_sample("L")).astype(dtype) * np.array(factor, dtype)
    stream = io.BytesIO()
    Image.fromarray(values).save(stream, kind, **options)
    return stream.getvalue()


def save_16_bit_rgb() -> bytes:
    values = np.asarray(open_sample()).astype(">u2") * 257
    rows = b"".join(b"\0" + row.tobytes() for row in values.astype(">u2"))
    return make_png(open_sample().size, rows, depth=16, color_type=2)


def save_half_clear() -> Image.Image:
    picture = open_sample("RGBA")
    picture.putalpha(Image.linear_gradient("L").resize(picture.size))
    return picture


def save_picture(picture: Image.Image, kind: str, **options: object) -> bytes:
    stream = io.BytesIO()
    picture.save(stream, kind, **options)
    return stream.getvalue()


CORPUS: dict[str, tuple[Callable[[], bytes], float]] = {
    "jpeg": (lambda: save("JPEG", quality=90), LOSSLESS),
    "jpeg gray": (lambda: save("JPEG", "L"), LOSSLESS),
    "jpeg cmyk": (lambda: save("JPEG", "CMYK"), LOSSY),
    "jpeg progressive": (lambda: save("JPEG", progressive=True), LOSSLESS),
    "jpeg display p3": (lambda: save("JPEG", icc_profile=make_rgb_profile("Display P3", DISPLAY_P3)), LOSSY),
    "png 1 bit": (lambda: save("PNG", "1"), LOSSLESS),
    "png 2 bits": (lambda: save_picture(open_sample("L").quantize(4), "PNG", bits=2), LOSSLESS),
    "png 4 bits": (lambda: save_picture(open_sample().quantize(16), "PNG", bits=4), LOSSLESS),
    "png 8 bits": (lambda: save("PNG"), LOSSLESS),
    "png gray": (lambda: save("PNG", "L"), LOSSLESS),
    "png 16 bits gray": (lambda: save_gray("PNG", "uint16", 257), LOSSLESS),
    "png 16 bits rgb": (save_16_bit_rgb, LOSSLESS),
    "png palette": (lambda: save("PNG", "P"), LOSSLESS),
    "png alpha": (lambda: save_picture(save_half_clear(), "PNG"), LOSSLESS),
    "gif": (lambda: save("GIF", "P"), LOSSLESS),
    "gif animated": (lambda: make_frames("GIF"), LOSSLESS),
    "webp lossy": (lambda: save("WEBP", quality=90), LOSSY),
    "webp lossless": (lambda: save("WEBP", lossless=True), LOSSLESS),
    "webp alpha": (lambda: save_picture(save_half_clear(), "WEBP", lossless=True), LOSSLESS),
    "bmp": (lambda: save("BMP"), LOSSLESS),
    "tiff": (lambda: save("TIFF"), LOSSLESS),
    "tiff lzw": (lambda: save("TIFF", compression="tiff_lzw"), LOSSLESS),
    "tiff jpeg": (lambda: save("TIFF", compression="jpeg"), LOSSLESS),
    "tiff 16 bits gray": (lambda: save_gray("TIFF", "uint16", 257), LOSSLESS),
    "tiff cmyk": (lambda: save("TIFF", "CMYK"), LOSSLESS),
    "heic": (save_heic, LOSSY),
    "avif": (lambda: save("AVIF", quality=90), LOSSY),
    "jpeg 2000": (lambda: save("JPEG2000"), LOSSLESS),
    "jpeg 2000 lossy": (lambda: save("JPEG2000", irreversible=True, quality_layers=[20]), LOSSY),
    "jpeg 2000 codestream": (lambda: save("JPEG2000", no_jp2=True), LOSSLESS),
}
every_format = pytest.mark.parametrize(("make", "tolerance"), CORPUS.values(), ids=CORPUS.keys())


@every_format
def test_a_file_gets_the_same_scores_on_the_page_and_from_predict(
    make: Callable[[], bytes], tolerance: float, v1: ServedModel, images: ImageWorkers
) -> None:
    content = make()

    on_the_page = v1.scores(images.prepare(content, "a", LIMITS).content)

    assert v1.scores(content) == pytest.approx(on_the_page, abs=tolerance)


@pytest.mark.parametrize("kind", ["PNG", "TIFF"])
def test_16_bit_gray_gets_the_scores_of_8_bits_on_the_page_and_from_predict(
    kind: str, v1: ServedModel, images: ImageWorkers
) -> None:
    expected = v1.scores(save("PNG", "L"))
    content = save_gray(kind, "uint16", 257)

    assert v1.labels[int(expected.argmax())] == "daisy"
    assert v1.scores(content).tolist() == expected.tolist()
    assert v1.scores(images.prepare(content, "a", LIMITS).content).tolist() == expected.tolist()


def save_deep(kind: str, bits: int, **tags: int) -> bytes:
    """Return the sample in gray with each value rounded to this bit depth."""
    values = np.rint(np.asarray(open_sample("L")).astype(float) * ((1 << bits) - 1) / 255).astype(np.int64)
    if tags.get("t262") == 0:
        values = (1 << bits) - 1 - values
    return make_tiff(values, bits, "<", **tags) if kind == "TIFF" else make_jpeg_2000(values, bits)


@pytest.mark.parametrize(
    ("kind", "bits", "tags"),
    [
        ("TIFF", 12, {}),
        ("TIFF", 16, {"t262": 0}),
        ("TIFF", 8, {"t262": 0}),
        ("JPEG 2000", 10, {}),
        ("JPEG 2000", 12, {}),
        ("JPEG 2000", 16, {}),
    ],
)
def test_deep_gray_gets_the_scores_of_8_bits_on_the_page_and_from_predict(
    kind: str, bits: int, tags: dict[str, int], v1: ServedModel, images: ImageWorkers
) -> None:
    expected = v1.scores(save("PNG", "L"))
    content = save_deep(kind, bits, **tags)

    assert v1.scores(content).tolist() == expected.tolist()
    assert v1.scores(images.prepare(content, "a", LIMITS).content).tolist() == expected.tolist()


@pytest.mark.parametrize("bits", [8, 16])
def test_signed_gray_is_rejected_on_the_page_and_by_predict(bits: int, v1: ServedModel, images: ImageWorkers) -> None:
    content = save_deep("TIFF", bits, t339=2)

    with pytest.raises(UnusableImage, match=f"signed values of {bits} bits") as on_the_page:
        images.prepare(content, "a", LIMITS)
    with pytest.raises(ApiError) as by_predict:
        v1.scores(content)
    assert str(by_predict.value) == str(on_the_page.value)


@pytest.mark.parametrize(("dtype", "factor"), [("int32", 16_843_009), ("float32", 1 / 255)])
def test_32_bit_gray_is_rejected_on_the_page_and_by_predict(
    dtype: str, factor: float, v1: ServedModel, images: ImageWorkers
) -> None:
    content = save_gray("TIFF", dtype, factor)

    with pytest.raises(UnusableImage) as on_the_page:
        images.prepare(content, "a", LIMITS)
    with pytest.raises(ApiError) as by_predict:
        v1.scores(content)
    assert str(by_predict.value) == str(on_the_page.value)
    assert str(by_predict.value).startswith("The image has 32 bits per pixel. Export it with 8 or 16 bits")


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "TIFF", "AVIF"])
@pytest.mark.parametrize("orientation", range(2, 9))
def test_predict_ignores_the_exif_orientation(kind: str, orientation: int, images: ImageWorkers) -> None:
    exif = Image.Exif()
    exif[ExifTags.Base.Orientation] = orientation

    turned, escape_markdown = save(kind, exif=exif), save(kind)

    assert _pixels(images, turned) == pytest.approx(_pixels(images, escape_markdown), abs=1)


def _pixels(images: ImageWorkers, content: bytes) -> NDArray[np.uint8]:
    return images.read_pixels(content, 64, 64).astype(int)
