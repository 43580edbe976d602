"""Uploaded exports: checked in a hidden folder, then moved to the folder from which they are served."""

import re
import shutil
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path

from lib.errors import UnclearLabels, UnservableModel
from lib.serving.models.archives import unpack
from lib.serving.models.export_folders import find_unclean_labels, read_export, rewrite_labels
from lib.serving.models.networks import Network

_HIDDEN = ".upload-"
# Folders could have letters of any script. These work on every system and in every address.
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9 _.-]{0,63}")


def keep_export(
    models_dir: Path,
    name: tuple[str, str],
    files: Mapping[str, bytes],
    check: Callable[[Path], Network],
    *,
    clean_labels: bool | None = None,
) -> Path:
    """Store an export in `<models_dir>/<family>/<version>` once its model file passes the check; return that folder.

    `name` is the family and the version. `clean_labels`: whether to remove numbers before labels and Python's b'…'
    around them. Raises UnclearLabels if there are some and it is None, and UnservableModel with the reason if the
    export cannot be served; then nothing of it is kept.
    """
    family, version = name
    _check_name("family", family)
    _check_name("version", version)
    unpacked = unpack(files)
    try:
        models_dir.mkdir(parents=True, exist_ok=True)
        hidden = Path(tempfile.mkdtemp(prefix=_HIDDEN, dir=models_dir))
        try:
            folder = models_dir / family / version
            _check_is_new(folder)
            _fill(hidden, unpacked, clean_labels)
            read_export(hidden, check)
            return _move_in(hidden, folder)
        finally:
            shutil.rmtree(hidden, ignore_errors=True)
    except OSError as error:
        raise UnservableModel(f"it cannot be stored: {error.strerror or error}") from error


def forget_unfinished(models_dir: Path) -> None:
    """Remove the hidden folders of uploads that were interrupted by the end of their process."""
    for hidden in models_dir.glob(f"{_HIDDEN}*"):
        shutil.rmtree(hidden, ignore_errors=True)


def _fill(hidden: Path, files: Mapping[str, bytes], clean_labels: bool | None) -> None:
    for name, content in files.items():
        (hidden / name).write_bytes(content)
    unclean = find_unclean_labels(hidden) if clean_labels is None else ()
    if unclean:
        raise UnclearLabels(" ".join(unclean))
    if clean_labels:
        rewrite_labels(hidden)


def _move_in(hidden: Path, folder: Path) -> Path:
    folder.parent.mkdir(exist_ok=True)
    # The hidden folder was made for its owner alone; this one may be read by everyone.
    hidden.chmod(0o755)
    try:
        hidden.rename(folder)
    except OSError:
        _check_is_new(folder)  # another upload of this name was faster
        raise
    return folder


def _check_is_new(folder: Path) -> None:
    if folder.exists():
        raise UnservableModel(f"{folder.parent.name} {folder.name} exists already: give the version another name")


def _check_name(kind: str, name: str) -> None:
    if not _NAME.fullmatch(name) or name.endswith((".", " ")):
        raise UnservableModel(
            f"the name of the {kind} must be 1 to 64 letters, digits, spaces, dots, dashes or underscores, and begin"
            f" with a letter or a digit, not {name!r}"
        )
