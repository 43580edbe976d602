"""Exports that people upload: checked in a hidden folder, then moved to where they are served from."""

import re
import shutil
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path

from lib.errors import UnservableModel
from lib.serving.exports import read_export
from lib.serving.models.networks import Network
from lib.serving.unpacking import unpack

_HIDDEN = ".upload-"
# Letters and digits of any script would do for a folder; these do on every system and in every address.
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9 _.-]{0,63}")


def keep_export(
    models_dir: Path, family: str, version: str, files: Mapping[str, bytes], check: Callable[[Path], Network]
) -> Path:
    """Put an export at `<models_dir>/<family>/<version>` once its model file passes the check, and give that folder.

    Raises UnservableModel with the reason why it cannot be served; then nothing of it is left.
    """
    _check_name("family", family)
    _check_name("version", version)
    unpacked = unpack(files)
    try:
        models_dir.mkdir(parents=True, exist_ok=True)
        hidden = Path(tempfile.mkdtemp(prefix=_HIDDEN, dir=models_dir))
        try:
            return _move_in(hidden, models_dir / family / version, unpacked, check)
        finally:
            shutil.rmtree(hidden, ignore_errors=True)
    except OSError as error:
        raise UnservableModel(f"it cannot be kept: {error.strerror or error}") from error


def forget_unfinished(models_dir: Path) -> None:
    """Remove what uploads left behind that were broken off by the end of their process."""
    for hidden in models_dir.glob(f"{_HIDDEN}*"):
        shutil.rmtree(hidden, ignore_errors=True)


def _move_in(hidden: Path, folder: Path, files: Mapping[str, bytes], check: Callable[[Path], Network]) -> Path:
    _check_is_new(folder)
    for name, content in files.items():
        (hidden / name).write_bytes(content)
    read_export(hidden, check)
    folder.parent.mkdir(exist_ok=True)
    # A folder of its own, as everyone may read it: the hidden one was made for its owner alone.
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
