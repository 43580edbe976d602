"""The list of strings contains all text for people and no text for programs."""

from pathlib import Path

import pytest

from lib.settings import ROOT
from tests.strings import Text, find_names, find_strings

SOURCE = '''
"""A module."""
import re
PATTERN = re.compile("not for people")
class Found(Exception):
    """A class."""
    def method(self, name: "no text at all") -> None:
        """A method."""
        raise Found(f"No image {name!r}. "
                    "Upload it.")
st.button("go", key="a-key")
logging.getLogger("a.name").warning("Cannot delete %s", name)
'''


@pytest.fixture
def project(tmp_path: Path) -> Path:
    (tmp_path / "lib").mkdir()
    (tmp_path / "lib/page.py").write_text(SOURCE, encoding="utf-8")
    (tmp_path / "lib/report.html.jinja").write_text(
        "<style>p { color: red }</style>\n{% if a\n%}<img alt='Two bars'><p>Regressions: {{ n }}</p>", encoding="utf-8"
    )
    (tmp_path / "README.md").write_text("# Start here\ntext\n", encoding="utf-8")
    return tmp_path


def test_user_visible_strings_are_listed_with_their_location(project: Path) -> None:
    assert find_strings(project) == [
        Text("README.md", 1, "Start here"),
        Text("lib/page.py", 9, "No image {name}. Upload it."),
        Text("lib/page.py", 11, "go"),
        Text("lib/page.py", 12, "Cannot delete %s"),
        Text("lib/report.html.jinja", 3, "Regressions: {{ n }}"),
        Text("lib/report.html.jinja", 3, "Two bars"),
    ]


def test_public_names_are_listed_with_their_class(project: Path) -> None:
    assert [name.text for name in find_names(project)] == ["page", "Found", "Found.method"]


def test_every_package_with_user_visible_text_has_strings() -> None:
    rooms = {"/".join(text.path.split("/")[:2]) for text in find_strings(ROOT, ["lib"])}

    assert {"lib/cli", "lib/serving", "lib/stats", "lib/ui", "lib/web", "lib/workflows"} <= rooms
