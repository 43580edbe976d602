"""Backup files that are changed on the way, or written by hand from the file of an SQLite database."""

import base64
import hashlib
import json
import sqlite3
import zipfile
from collections.abc import Callable, Mapping
from contextlib import closing
from pathlib import Path
from typing import Any

Members = dict[str, bytes]


def read_members(file: Path) -> Members:
    """Return the content of all members."""
    with zipfile.ZipFile(file) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def write_members(file: Path, members: Members) -> None:
    """Write members as a backup has them: images as they are, all else compressed."""
    with zipfile.ZipFile(file, "w") as archive:
        for name, content in members.items():
            archive.writestr(name, content, zipfile.ZIP_STORED if name.startswith("images/") else zipfile.ZIP_DEFLATED)


def change_backup(file: Path, change: Callable[[Members], object], *, with_manifest: bool = False) -> None:
    """Change the members of a backup; `with_manifest` as somebody who makes the manifest fit the change."""
    members = read_members(file)
    change(members)
    if with_manifest:
        described = json.loads(members["manifest.json"])
        members["manifest.json"] = make_manifest(members, described["revision"])
    write_members(file, members)


def make_manifest(members: Members, revision: str) -> bytes:
    """Return the manifest of these members."""
    described = {
        name: {
            "sha256": hashlib.sha256(content).hexdigest(),
            "size_bytes": len(content),
            "lines": content.count(b"\n"),
        }
        for name, content in members.items()
        if name != "manifest.json" and not name.startswith("images/")
    }
    absent: dict[str, list[str]] = {"deleted": [], "damaged": []}
    return json.dumps(
        {
            "format": "Second Look backup 1",
            "revision": revision,
            "made_at": "2026-11-23T12:00:00+00:00",
            "members": described,
            "absent": absent,
        }
    ).encode()


def write_backup(file: Path, database: Path, revision: str, contents: Mapping[str, bytes]) -> None:
    """Write a backup of an SQLite database of any schema, with these images by their SHA-256."""
    with closing(sqlite3.connect(database)) as connection:
        tables = connection.execute("SELECT name FROM sqlite_master WHERE type = 'table' AND name != 'alembic_version'")
        members = {f"tables/{name}.jsonl": _read_table(connection, name) for (name,) in tables.fetchall()}
    thumbnails = ([sha256, base64.b64encode(b"small").decode()] for sha256 in contents)
    members["thumbnails.jsonl"] = _format(thumbnails)
    members |= {f"images/{sha256}": content for sha256, content in contents.items()}
    members["manifest.json"] = make_manifest(members, revision)
    write_members(file, members)


def _read_table(connection: sqlite3.Connection, name: str) -> bytes:
    columns = {column[1]: column[2] for column in connection.execute(f'PRAGMA table_info("{name}")')}
    rows = connection.execute(f'SELECT * FROM "{name}"').fetchall()  # noqa: S608 - the names are our own
    kinds = columns.values()
    return _format([list(columns), *([_convert(*each) for each in zip(row, kinds, strict=True)] for row in rows)])


def _convert(value: Any, kind: str) -> Any:
    if value is None:
        return None
    if kind == "DATETIME":
        return f"{value}+00:00"
    converters: dict[str, Callable[[Any], Any]] = {
        "BOOLEAN": bool,
        "JSON": json.loads,
        "BLOB": lambda content: base64.b64encode(content).decode(),
    }
    return converters[kind](value) if kind in converters else value


def _format(rows: Any) -> bytes:
    return "".join(json.dumps(row) + "\n" for row in rows).encode()
