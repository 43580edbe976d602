"""Names, labels, titles and errors are never interpreted as Markdown."""

from pathlib import Path

import pytest

from lib.settings import ROOT
from tests.architecture.markdown_calls import find_unescaped


@pytest.mark.parametrize("folder", ["lib/ui", "pages"])
def test_text_is_escaped_before_markdown_reads_it(folder: str) -> None:
    assert find_unescaped(ROOT / folder) == []


@pytest.mark.parametrize(
    "call",
    [
        "st.markdown(name)",
        "st.error(str(error))",
        "st.caption(f'{count:,} of {name}')",
        "st.button('Open', help=name)",
        "st.progress(0.5, text=name)",
        "st.pills('Label', labels)",
        "st.segmented_control('Label', [each.name for each in versions], key='x')",
        "st.markdown('; '.join(names))",
    ],
)
def test_text_that_is_not_escaped_is_found(tmp_path: Path, call: str) -> None:
    (tmp_path / "page.py").write_text(call, encoding="utf-8")

    assert len(find_unescaped(tmp_path)) == 1


@pytest.mark.parametrize(
    "call",
    [
        "st.markdown(escape_markdown(name))",
        "st.markdown(f'**{escape_markdown(name)}** {count:,} {share:.2f}')",
        "st.text(name)",
        "st.pills('Label', labels, format_func=escape_markdown)",
        "st.pills('Sign', [sign.value for sign in Sign])",
        "st.info('Nothing yet.' if empty else _WORDS)",
    ],
)
def test_constant_text_is_not_reported(tmp_path: Path, call: str) -> None:
    (tmp_path / "page.py").write_text(call, encoding="utf-8")

    assert find_unescaped(tmp_path) == []
