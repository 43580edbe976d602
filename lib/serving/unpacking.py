"""Files that somebody uploaded, loose or in a zip: nothing in them may reach out of the folder they are put in."""

import io
import stat
import zipfile
from collections.abc import Mapping
from pathlib import PurePosixPath

from lib.errors import UnservableModel

MOST_UPLOADED_BYTES = 200 << 20
MOST_UNPACKED_BYTES = 300 << 20
MOST_FILES = 50
_PIECE_BYTES = 1 << 20
_ENCRYPTED = 0x1


def unpack(files: Mapping[str, bytes]) -> dict[str, bytes]:
    """The files of an export by their bare names: those of the only zip, or else the files themselves.

    Raises UnservableModel with the reason why they cannot be taken.
    """
    if sum(map(len, files.values())) > MOST_UPLOADED_BYTES:
        raise UnservableModel(f"more than {MOST_UPLOADED_BYTES >> 20} MB")
    if len(files) > MOST_FILES:
        raise UnservableModel(f"more than {MOST_FILES} files")
    zipped = [content for name, content in files.items() if name.lower().endswith(".zip")]
    if not zipped:
        return {_bare_name(name): content for name, content in files.items()}
    if len(files) > 1:
        raise UnservableModel("a zip comes alone: upload either one zip or the files of one export")
    return _unzip(zipped[0])


def _unzip(content: bytes) -> dict[str, bytes]:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            entries = [entry for entry in archive.infolist() if not entry.is_dir()]
            _check(entries)
            return _read_all(archive, entries)
    except (zipfile.BadZipFile, NotImplementedError, EOFError, OSError, ValueError, RuntimeError) as error:
        raise UnservableModel("the zip is damaged, or packed in an unusual way: pack it again") from error


def _check(entries: list[zipfile.ZipInfo]) -> None:
    if len(entries) > MOST_FILES:
        raise UnservableModel(f"the zip has more than {MOST_FILES} files")
    for entry in entries:
        if entry.flag_bits & _ENCRYPTED:
            raise UnservableModel("the zip is encrypted")
        if stat.S_ISLNK(entry.external_attr >> 16):
            raise UnservableModel(f"{entry.filename!r} is a link")
        path = PurePosixPath(entry.filename.replace("\\", "/"))
        if path.is_absolute() or ".." in path.parts or ":" in entry.filename:
            raise UnservableModel(f"{entry.filename!r} reaches out of the folder")
    if len({PurePosixPath(entry.filename).parent for entry in entries}) > 1:
        raise UnservableModel("the zip has files in several folders: an export is one folder")


def _read_all(archive: zipfile.ZipFile, entries: list[zipfile.ZipInfo]) -> dict[str, bytes]:
    found: dict[str, bytes] = {}
    left = MOST_UNPACKED_BYTES
    for entry in entries:
        # Counted as they come: what the zip says of its sizes may be a lie.
        with archive.open(entry) as stream:
            content = bytearray()
            while piece := stream.read(_PIECE_BYTES):
                content += piece
                if len(content) > left:
                    raise UnservableModel(f"unpacked, the zip has more than {MOST_UNPACKED_BYTES >> 20} MB")
        left -= len(content)
        found[_bare_name(entry.filename)] = bytes(content)
    return found


def _bare_name(name: str) -> str:
    return PurePosixPath(name.replace("\\", "/")).name
