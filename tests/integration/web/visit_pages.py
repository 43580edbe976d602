"""Loads what the app loads at its start, runs every page with every tab, and prints what was loaded only then."""

import sys

from streamlit.testing.v1 import AppTest

import app  # noqa: F401 - what is loaded with it
from lib.settings import ROOT
from lib.ui.compare.detail_tabs import TABS_KEY as DETAIL
from lib.ui.history.trends_tab import TABS_KEY as PART
from lib.web import resources
from lib.web.warm_up import import_for_pages
from tests.integration.pages.known_session import make_known_session
from tests.integration.pages.page import read_sample, upload

_TABS: dict[str, list[dict[str, str]]] = {
    "predict": [{}, {"provider": "vertex"}, {"provider": "automl"}],
    "history": [{}, *({"view": "matrix", PART: part} for part in ("Images", "Trends", "Export", "Share"))],
    "compare": [{DETAIL: part} for part in ("Confusion", "Calibration", "Thresholds", "Latency", "Labels")],
    "review": [{}],
    "robustness": [{}, {"probing": "Saliency"}],
    "models": [{"models": part} for part in ("Versions", "Evaluation", "Use it from code", "Connection", "Upload")],
    "audit_log": [{}],
    "shared": [{}],
}


def main() -> None:
    """Print the names of modules, one a line."""
    import_for_pages()
    resources.grpc_address()
    session = make_known_session()
    before = set(sys.modules)
    for page, addresses in _TABS.items():
        for parameters in addresses:
            visit = AppTest.from_file(ROOT / "lib/ui/main.py", default_timeout=60)
            visit.query_params.update({"session": session.id, **parameters})
            visit.switch_page(f"../../pages/{page}.py")
            visit.run()
            assert not visit.exception, (page, parameters)
    upload(visit.switch_page("../../pages/predict.py").run(), cat_jpg=read_sample("cat.jpg"))
    sys.stdout.writelines(f"{module}\n" for module in sorted(set(sys.modules) - before))
    resources.store().close()
    resources.prediction_service().stop()


if __name__ == "__main__":
    main()
