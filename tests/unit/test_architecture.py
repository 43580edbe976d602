"""The import table of the design holds."""

import ast
import re
from collections import Counter
from pathlib import Path

import pytest

from tests.architecture.import_rules import ROOT, find_violations
from tests.architecture.store_writers import find_outside_uses, find_writers

# What the domain has as values, the store as a repository, workflows as changes and pages as a page.
TOPICS = {
    *("annotations", "audit", "audit_log", "compare", "gate", "history", "images", "jobs", "matrix", "models", "pairs"),
    *(
        "people",
        "permissions",
        "predict",
        "predictions",
        "review",
        "reviews",
        "robustness",
        "sessions",
        "shared",
        "sharing",
    ),
}


def make_module(root: Path, name: str, source: str) -> None:
    file = root / name
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(source, encoding="utf-8")


def test_imports_follow_the_layers_and_each_library_is_used_in_one_place() -> None:
    assert find_violations(ROOT) == []


@pytest.mark.parametrize(
    ("name", "source"),
    [
        ("lib/domain/images.py", "import streamlit as st"),
        ("lib/domain/images.py", "from lib.store import Store"),
        ("lib/domain/images.py", "from lib.images import decoding"),
        ("lib/serving/automl/prediction_methods.py", "from PIL import Image"),
        ("lib/serving/models/library.py", "from lib.domain import image"),
        ("lib/serving/models/library.py", "from lib.settings import Settings"),
        ("lib/serving/models/library.py", "from lib.serving.automl.catalog import Catalog"),
        ("lib/serving/vertex/front.py", "from lib.serving.automl.methods import RpcMethod"),
        ("lib/providers/automl.py", "from lib.serving import PredictionService"),
        ("lib/store/store.py", "import plotly.graph_objects"),
        ("lib/stats/paired.py", "import sqlalchemy"),
        ("lib/charts/bars.py", "from lib import workflows"),
        ("lib/workflows/run.py", "from lib.ui import frame"),
        ("lib/ui/frame.py", "import os\nHOME = os.environ['HOME']"),
        ("lib/store/store.py", "from os import environ"),
        ("pages/predict.py", "def page():\n    from lib.providers import automl"),
        ("app.py", "from lib.store import Store"),
        ("lib/ui/history/trends_tab.py", "from lib.ui.compare import verdicts"),
        ("lib/ui/cards.py", "from lib.ui.review.annotation_panel import show_panel"),
        ("pages/predict.py", "from lib.ui.models import versions_tab"),
    ],
)
def test_a_forbidden_import_is_found(tmp_path: Path, name: str, source: str) -> None:
    make_module(tmp_path, name, source)

    assert len(find_violations(tmp_path)) == 1


def test_an_allowed_import_is_not_reported(tmp_path: Path) -> None:
    make_module(tmp_path, "lib/web/startup.py", "from lib.settings import Settings\nimport uvicorn")
    make_module(tmp_path, "pages/shared.py", "from lib.ui.compare import detail_tabs\nfrom lib.ui import frame")

    assert find_violations(tmp_path) == []


def test_no_page_serves_files_from_the_unauthenticated_media_folder_of_streamlit() -> None:
    serving = re.compile(r"\bst\.(image|audio|video|pdf|logo|download_button)\(|page_icon=(?!f\"data:)")
    sources = [*(ROOT / "pages").rglob("*.py"), *(ROOT / "lib").rglob("*.py")]

    assert [path.name for path in sources if serving.search(path.read_text(encoding="utf-8"))] == []


def test_the_store_is_written_by_workflows_alone() -> None:
    writers = find_writers(ROOT / "lib/store")

    # A few that are known, so that an empty set does not pass.
    assert {
        "sessions.rename",
        "annotations.set_true_labels",
        "people.use_token",
        "people.end_sign_in",
        "audit.record",
        "images.add",
        "predictions.add",
        "reviews.change",
    } <= writers
    assert writers.isdisjoint({"sessions.get", "sessions.find", "audit.find", "people.has_ended", "matrix.find_rows"})
    assert find_outside_uses(ROOT, writers) == []


def test_a_write_from_a_page_is_found_even_as_a_callback_or_alias(tmp_path: Path) -> None:
    source = "store.sessions.delete('a')\nst.button('x', on_click=store.reviews.change)\nrows = store.sessions\n"
    make_module(tmp_path, "pages/history.py", source)
    make_module(tmp_path, "lib/workflows/sessions.py", "store.sessions.delete('a')")

    assert sorted(find_outside_uses(tmp_path, {"sessions.delete", "reviews.change"})) == [
        "pages/history.py:1 sessions.delete",
        "pages/history.py:2 reviews.change",
        "pages/history.py:3 sessions",
    ]


def test_pages_have_at_most_90_lines() -> None:
    lengths = {page.name: len(page.read_text(encoding="utf-8").splitlines()) for page in (ROOT / "pages").glob("*.py")}

    assert max(lengths.values()) <= 90


def test_only_topics_share_a_file_name() -> None:
    files = [*(ROOT / "lib").rglob("*.py"), *(ROOT / "pages").rglob("*.py")]
    names = Counter(path.stem for path in files if path.name != "__init__.py" and "migrations" not in path.parts)

    assert {name for name, count in names.items() if count > 1} <= TOPICS


def test_class_names_of_the_app_are_unique() -> None:
    names = [
        node.name
        for path in (ROOT / "lib").rglob("*.py")
        if "migrations" not in path.parts
        for node in ast.parse(path.read_text(encoding="utf-8")).body
        if isinstance(node, ast.ClassDef) and not node.name.startswith("_")
    ]

    assert len(names) > 100
    assert [name for name, count in Counter(names).items() if count > 1] == []
