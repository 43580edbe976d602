"""Archives of uploaded models: open them, and unpack them within bounds."""

import io
import mmap
import stat
import zipfile
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path, PurePosixPath

from lib.errors import UnservableModel
from lib.serving.models.bounded_files import too_large
from lib.serving.models.label_characters import find_unshowable

_ENTRY_HEADER = b"PK\x01\x02"
# An entry of 50 bytes takes ten times as much memory once it is listed.
_MOST_LISTED = 1000
_ENCRYPTED = 0x1
# Others may ask for gigabytes of memory before the first byte is unpacked.
_COMPRESSIONS = {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED}
_PIECE_BYTES = 1 << 20


@contextmanager
def open_archive(source: Path | bytes) -> Iterator[zipfile.ZipFile]:
    """The archive in a file or in memory. Raises UnservableModel where it is broken, here or while it is read."""
    try:
        with ExitStack() as stack:
            _check_length(_as_buffer(source, stack))
            yield stack.enter_context(zipfile.ZipFile(io.BytesIO(source) if isinstance(source, bytes) else source))
    except (zipfile.BadZipFile, NotImplementedError, EOFError, OSError, ValueError, RuntimeError) as error:
        raise UnservableModel("the zip is damaged, or packed in an unusual way: pack it again") from error


def read_entry(archive: zipfile.ZipFile, entry: zipfile.ZipInfo, most_bytes: int) -> bytes:
    """Return what an entry unpacks to. Raises UnservableModel for one that is encrypted or too large."""
    if entry.flag_bits & _ENCRYPTED:
        raise UnservableModel("the zip is encrypted")
    if entry.compress_type not in _COMPRESSIONS:
        raise UnservableModel("the zip is packed in an unusual way: pack it again")
    if entry.file_size > most_bytes:
        raise too_large(entry.filename, most_bytes)
    content = bytearray()
    with archive.open(entry) as stream:
        # Counted as it comes: what the archive says of its sizes may be a lie.
        while piece := stream.read(_PIECE_BYTES):
            content += piece
            if len(content) > most_bytes:
                raise too_large(entry.filename, most_bytes)
    return bytes(content)


def _as_buffer(source: Path | bytes, stack: ExitStack) -> bytes | mmap.mmap:
    if isinstance(source, bytes) or not source.stat().st_size:
        return source if isinstance(source, bytes) else b""
    stream = stack.enter_context(source.open("rb"))
    return stack.enter_context(mmap.mmap(stream.fileno(), 0, access=mmap.ACCESS_READ))


def _check_length(buffer: bytes | mmap.mmap) -> None:
    """Raise UnservableModel for an archive with very many entries, whatever it says of their number."""
    at, count = -1, 0
    while (at := buffer.find(_ENTRY_HEADER, at + 1)) >= 0:
        count += 1
        if count > _MOST_LISTED:
            raise UnservableModel("the zip has too many files")


MOST_UPLOADED_BYTES = 200 << 20
MOST_UNPACKED_BYTES = 300 << 20
MOST_FILES = 50
_MOST_NAME_BYTES = 255
# What macOS and Windows put beside files of their own accord.
_SYSTEM_FOLDER = "__MACOSX"
_SYSTEM_FILES = {".ds_store", ".localized", "icon\r", "thumbs.db", "ehthumbs.db", "desktop.ini"}


def unpack(files: Mapping[str, bytes]) -> dict[str, bytes]:
    """The files of an export by their bare names: those of the only zip, or else the files themselves.

    What operating systems add is passed over. Raises UnservableModel with the reason why they cannot be taken.
    """
    if sum(map(len, files.values())) > MOST_UPLOADED_BYTES:
        raise UnservableModel(f"more than {MOST_UPLOADED_BYTES >> 20} MB")
    meant = {name: content for name, content in files.items() if not _is_of_the_system(_path(name))}
    if len(meant) > MOST_FILES:
        raise UnservableModel(f"more than {MOST_FILES} files")
    zipped = [content for name, content in meant.items() if name.lower().endswith(".zip")]
    if not zipped:
        return {_bare_name(name): content for name, content in meant.items()}
    if len(meant) > 1:
        raise UnservableModel("a zip comes alone: upload either one zip or the files of one export")
    return _unzip(zipped[0])


def _unzip(content: bytes) -> dict[str, bytes]:
    with open_archive(content) as archive:
        listed = [entry for entry in archive.infolist() if not entry.is_dir()]
        entries = [entry for entry in listed if not _is_of_the_system(_path(entry.filename))]
        _check(entries)
        return _read_all(archive, entries)


def _check(entries: list[zipfile.ZipInfo]) -> None:
    if len(entries) > MOST_FILES:
        raise UnservableModel(f"the zip has more than {MOST_FILES} files")
    for entry in entries:
        if stat.S_ISLNK(entry.external_attr >> 16):
            raise UnservableModel(f"{entry.filename!r:.60} is a link")
        path = _path(entry.filename)
        if path.is_absolute() or ".." in path.parts or ":" in entry.filename:
            raise UnservableModel(f"{entry.filename!r:.60} reaches out of the folder")
    if len({_path(entry.filename).parent for entry in entries}) > 1:
        raise UnservableModel("the zip has files in several folders: an export is one folder")
    if sum(entry.file_size for entry in entries) > MOST_UNPACKED_BYTES:
        raise UnservableModel(f"unpacked, the zip has more than {MOST_UNPACKED_BYTES >> 20} MB")


def _read_all(archive: zipfile.ZipFile, entries: list[zipfile.ZipInfo]) -> dict[str, bytes]:
    found: dict[str, bytes] = {}
    left = MOST_UNPACKED_BYTES
    for entry in entries:
        content = read_entry(archive, entry, left)
        left -= len(content)
        found[_bare_name(entry.filename)] = content
    return found


def _path(name: str) -> PurePosixPath:
    return PurePosixPath(name.replace("\\", "/"))


def _is_of_the_system(path: PurePosixPath) -> bool:
    name = path.name.lower()
    return _SYSTEM_FOLDER in path.parts or name.startswith("._") or name in _SYSTEM_FILES


def _bare_name(name: str) -> str:
    """The name without its folders. Raises UnservableModel where no file should be called that."""
    bare = _path(name).name
    size_bytes = len(bare.encode("utf-8", "surrogatepass"))
    if bare in {"", ".."} or find_unshowable(bare) or ":" in bare or size_bytes > _MOST_NAME_BYTES:
        raise UnservableModel(f"{name!r:.60} cannot be the name of a file: rename it")
    return bare
