"""Zip archives of uploaded models, opened and unpacked within limits."""

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
# Listing an entry of 50 bytes takes ten times as much memory.
_MOST_ENTRIES = 1000
_ENCRYPTED = 0x1
# Other methods may request gigabytes of memory before the first byte is unpacked.
_COMPRESSIONS = {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED}
_PIECE_BYTES = 1 << 20


@contextmanager
def open_archive(source: Path | bytes) -> Iterator[zipfile.ZipFile]:
    """Open the archive in a file or in memory. Raises UnservableModel if it is broken, also while it is read."""
    try:
        with ExitStack() as stack:
            _check_length(_as_buffer(source, stack))
            yield stack.enter_context(zipfile.ZipFile(io.BytesIO(source) if isinstance(source, bytes) else source))
    except (zipfile.BadZipFile, NotImplementedError, EOFError, OSError, ValueError, RuntimeError) as error:
        raise UnservableModel("the zip is damaged or uses an unsupported format: create it again") from error


def read_entry(archive: zipfile.ZipFile, entry: zipfile.ZipInfo, most_bytes: int) -> bytes:
    """Return the content of an entry. Raises UnservableModel if it is encrypted or too large."""
    if entry.flag_bits & _ENCRYPTED:
        raise UnservableModel("the zip is encrypted")
    if entry.compress_type not in _COMPRESSIONS:
        raise UnservableModel("the zip uses an unsupported compression: create it again")
    if entry.file_size > most_bytes:
        raise too_large(entry.filename, most_bytes)
    content = bytearray()
    with archive.open(entry) as stream:
        # Counted on the way: the sizes in an archive may be false.
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
    """Raise UnservableModel for an archive with too many entries, whatever number it states."""
    position, count = -1, 0
    while (position := buffer.find(_ENTRY_HEADER, position + 1)) >= 0:
        count += 1
        if count > _MOST_ENTRIES:
            raise UnservableModel("the zip has too many files")


MOST_UPLOADED_BYTES = 200 << 20
MOST_UNPACKED_BYTES = 300 << 20
MOST_FILES = 50
_MOST_NAME_BYTES = 255
# Files that macOS and Windows add by themselves.
_SYSTEM_FOLDER = "__MACOSX"
_SYSTEM_FILES = {".ds_store", ".localized", "icon\r", "thumbs.db", "ehthumbs.db", "desktop.ini"}


def unpack(files: Mapping[str, bytes]) -> dict[str, bytes]:
    """Return the files of an export by name: those in the only zip, or the files themselves.

    Files that operating systems add are ignored. Raises UnservableModel with the reason if the upload is invalid.
    """
    if sum(map(len, files.values())) > MOST_UPLOADED_BYTES:
        raise UnservableModel(f"more than {MOST_UPLOADED_BYTES >> 20} MB")
    chosen = {name: content for name, content in files.items() if not _is_system_file(_path(name))}
    if len(chosen) > MOST_FILES:
        raise UnservableModel(f"more than {MOST_FILES} files")
    zipped = [content for name, content in chosen.items() if name.lower().endswith(".zip")]
    if not zipped:
        return {_bare_name(name): content for name, content in chosen.items()}
    if len(chosen) > 1:
        raise UnservableModel("more than a zip: upload either one zip or the files of one export")
    return _unzip(zipped[0])


def _unzip(content: bytes) -> dict[str, bytes]:
    with open_archive(content) as archive:
        listed = [entry for entry in archive.infolist() if not entry.is_dir()]
        entries = [entry for entry in listed if not _is_system_file(_path(entry.filename))]
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
            raise UnservableModel(f"{entry.filename!r:.60} points outside the folder")
    if len({_path(entry.filename).parent for entry in entries}) > 1:
        raise UnservableModel("the zip has files in several folders: an export is one folder")
    if sum(entry.file_size for entry in entries) > MOST_UNPACKED_BYTES:
        raise UnservableModel(f"unpacked, the zip has more than {MOST_UNPACKED_BYTES >> 20} MB")


def _read_all(archive: zipfile.ZipFile, entries: list[zipfile.ZipInfo]) -> dict[str, bytes]:
    found: dict[str, bytes] = {}
    remaining_bytes = MOST_UNPACKED_BYTES
    for entry in entries:
        content = read_entry(archive, entry, remaining_bytes)
        remaining_bytes -= len(content)
        found[_bare_name(entry.filename)] = content
    return found


def _path(name: str) -> PurePosixPath:
    return PurePosixPath(name.replace("\\", "/"))


def _is_system_file(path: PurePosixPath) -> bool:
    name = path.name.lower()
    return _SYSTEM_FOLDER in path.parts or name.startswith("._") or name in _SYSTEM_FILES


def _bare_name(name: str) -> str:
    """Return the name without folders. Raises UnservableModel if it is not a valid file name."""
    bare = _path(name).name
    size_bytes = len(bare.encode("utf-8", "surrogatepass"))
    if bare in {"", ".."} or find_unshowable(bare) or ":" in bare or size_bytes > _MOST_NAME_BYTES:
        raise UnservableModel(f"{name!r:.60} is not a valid file name: rename it")
    return bare
