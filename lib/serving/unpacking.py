"""Files that somebody uploaded, loose or in a zip: nothing in them may reach out of the folder they are put in."""

import stat
import zipfile
from collections.abc import Mapping
from pathlib import PurePosixPath

from lib.errors import UnservableModel
from lib.serving.archives import open_archive, read_entry
from lib.serving.texts import find_unshowable

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
