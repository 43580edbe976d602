"""Who may import what, and the reader that checks it."""

import ast
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[2]

# What models, the AutoML API and the Vertex AI API of the built-in service share. Neither API imports the other.
_SHARED_BY_SERVING = {
    "lib.errors",
    "lib.images",
    "lib.processes",
    "lib.serving.api_errors",
    "lib.serving.error_boundary",
    "lib.serving.http_requests",
    "lib.serving.http_responses",
    "lib.serving.json_objects",
    "lib.serving.paging",
}

# Part of the project -> parts it may import, besides itself.
DIRECTION = {
    "lib.errors": set[str](),
    "lib.settings": {"lib.errors"},
    "lib.processes": set(),
    "lib.telemetry": set(),
    "lib.domain": {"lib.errors"},
    "lib.images": {"lib.errors", "lib.domain", "lib.processes"},
    "lib.serving": {"lib.errors", "lib.images", "lib.processes"},
    "lib.serving.models": _SHARED_BY_SERVING,
    "lib.serving.automl": {*_SHARED_BY_SERVING, "lib.serving.models"},
    "lib.serving.vertex": {*_SHARED_BY_SERVING, "lib.serving.models"},
    "lib.cli.serve": {"lib.errors", "lib.images", "lib.serving", "lib.settings"},
    "lib.providers": {"lib.errors", "lib.domain"},
    "lib.store": {"lib.errors", "lib.domain", "lib.telemetry"},
    "lib.stats": {"lib.errors", "lib.domain"},
    "lib.charts": {"lib.domain", "lib.stats"},
    "lib.workflows": {
        "lib.errors",
        "lib.domain",
        "lib.images",
        "lib.providers",
        "lib.store",
        "lib.stats",
        "lib.charts",
        "lib.telemetry",
    },
    "lib.web": {
        "lib.errors",
        "lib.settings",
        "lib.domain",
        "lib.images",
        "lib.providers",
        "lib.serving",
        "lib.store",
        "lib.stats",
        "lib.charts",
        "lib.workflows",
        "lib.telemetry",
    },
    "lib.cli": {"lib.errors", "lib.domain", "lib.settings", "lib.serving", "lib.store", "lib.workflows"},
    "lib.__main__": {"lib.cli"},
    "lib.ui": {"lib"},
    "pages": {"lib.errors", "lib.domain", "lib.store", "lib.stats", "lib.charts", "lib.workflows", "lib.ui"},
    "app": {"lib.web", "lib.settings"},
}

# Folders of lib/ui that hold one page's own parts. What two pages need stands in the root of lib/ui.
PAGE_FOLDERS = {"compare", "history", "models", "predict", "review", "robustness", "share_link"}
# Page -> folders it may import, where these are not its own alone.
PARTS_OF_OTHER_PAGES = {"shared": {"share_link", "history", "compare"}}

# Outside library -> the only places that may import it.
HOMES = {
    "streamlit": {"app", "pages", "lib.ui", "lib.web"},
    "google": {"lib.providers", "lib.serving"},
    "grpc": {"lib.providers", "lib.serving"},
    "grpc_status": {"lib.serving"},
    "requests": {"lib.providers"},
    "tenacity": {"lib.providers", "lib.store.waiting"},
    "limits": {"lib.serving.automl.api_guard"},
    "sqlalchemy": {"lib.store"},
    "alembic": {"lib.store"},
    "fsspec": {"lib.store"},
    "scipy": {"lib.stats"},
    "plotly": {"lib.charts", "lib.ui.cards"},
    "PIL": {"lib.images"},
    "jinja2": {"lib.workflows.exports", "lib.workflows.snippets"},
    "imagehash": {"lib.images.preparation"},
    "pillow_heif": {"lib.images.formats"},
    # Nowhere else: a file that turns against TFLite must find itself in a worker process.
    "ai_edge_litert": {"lib.serving.models.inference"},
    "flatbuffers": {"lib.serving.models.flatbuffer_metadata"},
    "uvicorn": {"lib.serving", "lib.web"},
    "starlette": {"lib.serving", "lib.web"},
    "prometheus_client": {"lib.telemetry.metrics"},
    "structlog": {"lib.telemetry.logs"},
}


def find_violations(root: Path) -> list[str]:
    """Imports below `root` that break DIRECTION or HOMES, and uses of the environment outside lib/settings.py."""
    files = [root / "app.py", *(root / "pages").rglob("*.py"), *(root / "lib").rglob("*.py")]
    return [violation for file in files if file.exists() for violation in _violations(file, root)]


def _violations(file: Path, root: Path) -> Iterator[str]:
    module = ".".join(file.relative_to(root).with_suffix("").parts)
    tree = ast.parse(file.read_text(encoding="utf-8"))
    for imported in _imports(tree):
        if not _allowed(module, imported):
            yield f"{module} must not import {imported}"
    if module != "lib.settings" and any(_reads_environment(node) for node in ast.walk(tree)):
        yield f"{module} must not read the environment"


def _imports(tree: ast.Module) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def _allowed(module: str, imported: str) -> bool:
    if not _is_own_folder(module, imported):
        return False
    if _within(imported, "lib") or _within(imported, "pages") or _within(imported, "app"):
        part = _part(module)
        return any(_within(imported, allowed) for allowed in DIRECTION[part] | {part})
    home = HOMES.get(imported.partition(".")[0])
    return home is None or any(_within(module, place) for place in home)


def _is_own_folder(module: str, imported: str) -> bool:
    """Report whether a page, or its folder in lib/ui, imports no other page's folder."""
    folder = _page_folder(imported)
    if folder is None:
        return True
    own = module.removeprefix("pages.") if _within(module, "pages") else _page_folder(module)
    if own is None:
        return not _within(module, "lib.ui")
    return folder in PARTS_OF_OTHER_PAGES.get(own, {own}) if _within(module, "pages") else folder == own


def _page_folder(module: str) -> str | None:
    parts = module.split(".")
    return parts[2] if parts[:2] == ["lib", "ui"] and len(parts) > 2 and parts[2] in PAGE_FOLDERS else None


def _part(module: str) -> str:
    return max((part for part in DIRECTION if _within(module, part)), key=len, default="")


def _within(module: str, part: str) -> bool:
    return module == part or module.startswith(part + ".")


def _reads_environment(node: ast.AST) -> bool:
    names = {"environ", "environb", "getenv"}
    if isinstance(node, ast.ImportFrom):
        return node.module == "os" and any(alias.name in names for alias in node.names)
    return isinstance(node, ast.Attribute) and node.attr in names
