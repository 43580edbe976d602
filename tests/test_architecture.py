"""The import table of the design holds."""

from pathlib import Path

import pytest

from tests.import_rules import ROOT, find_violations


def make_module(root: Path, name: str, source: str) -> None:
    file = root / name
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(source, encoding="utf-8")


def test_imports_go_in_one_direction_and_each_outside_library_has_its_home() -> None:
    assert find_violations(ROOT) == []


@pytest.mark.parametrize(
    ("name", "source"),
    [
        ("lib/domain/image.py", "import streamlit as st"),
        ("lib/domain/image.py", "from lib.store import Store"),
        ("lib/domain/image.py", "from lib.images import decoding"),
        ("lib/serving/pictures.py", "from PIL import Image"),
        ("lib/serving/library.py", "from lib.domain import image"),
        ("lib/serving/library.py", "from lib.settings import Settings"),
        ("lib/clients/automl.py", "from lib.serving import PredictionService"),
        ("lib/store/store.py", "import plotly.graph_objects"),
        ("lib/stats/paired.py", "import sqlalchemy"),
        ("lib/charts/bars.py", "from lib import workflows"),
        ("lib/workflows/run.py", "from lib.ui import frame"),
        ("lib/ui/frame.py", "import os\nHOME = os.environ['HOME']"),
        ("lib/store/store.py", "from os import environ"),
        ("pages/predict.py", "def page():\n    from lib.clients import automl"),
        ("app.py", "from lib.store import Store"),
    ],
)
def test_a_forbidden_import_is_found(tmp_path: Path, name: str, source: str) -> None:
    make_module(tmp_path, name, source)

    assert len(find_violations(tmp_path)) == 1


def test_an_allowed_import_is_not_reported(tmp_path: Path) -> None:
    make_module(tmp_path, "lib/serving/__main__.py", "from lib.settings import Settings\nimport uvicorn")

    assert find_violations(tmp_path) == []


def test_pages_are_short_enough_to_read_at_once() -> None:
    lengths = {page.name: len(page.read_text(encoding="utf-8").splitlines()) for page in (ROOT / "pages").glob("*.py")}

    assert max(lengths.values()) <= 90
