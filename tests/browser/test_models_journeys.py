"""The Models page against servers of our own in Google's place: deploying, leaving the page, and other services."""

import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

from lib.serving import PredictionService
from lib.serving.automl.rest_front import RestServer
from lib.settings import ROOT
from tests.browser.streamlit_page import expect_cards, open_page, rerun, wait_until_idle
from tests.builders.exports import make_export
from tests.stand_ins.app_server import AppServer

_PARTS = ["Versions", "Evaluation", "Use it from code", "Connection", "Upload"]


@pytest.fixture(scope="module")
def google(tmp_path_factory: pytest.TempPathFactory) -> Iterator[AppServer]:
    """The app, with servers of our own in the place of AutoML and Vertex AI; deploying takes a while."""
    service = PredictionService(ROOT / "models", deploy_takes_s=8)
    rest = RestServer(service.vertex_app, "127.0.0.1", 0)
    settings = {
        "SECOND_LOOK_AUTOML_ENDPOINT": f"127.0.0.1:{service.start_grpc()}",
        "SECOND_LOOK_VERTEX_ENDPOINT": f"http://127.0.0.1:{rest.port}",
        "SECOND_LOOK_PROJECTS": "my-project",
    }
    with AppServer(tmp_path_factory.mktemp("google"), **settings) as server:
        yield server
    rest.stop()
    service.stop()


def press_in_dialog(page: Page, name: str) -> None:
    page.get_by_role("button", name=name, exact=True).first.click()
    page.get_by_role("dialog").get_by_role("button", name=name, exact=True).click()
    expect(page.get_by_role("dialog")).to_have_count(0)


def test_a_deployment_is_shown_until_it_is_done_across_refreshes(page: Page, google: AppServer) -> None:
    open_page(page, f"{google.url}/models?provider=automl")

    press_in_dialog(page, "Undeploy model")
    expect(page.get_by_text("Undeploying imagenet v1")).to_be_visible()
    page.reload()
    expect(page.get_by_text("Undeploying imagenet v1")).to_be_visible()
    expect(page.get_by_text("Not deployed")).to_be_visible()
    wait_until_idle(page)
    press_in_dialog(page, "Deploy model")

    expect(page.get_by_text("Not deployed")).to_have_count(0)
    expect(page.get_by_text("Deployed on 1 node")).to_have_count(2)


def test_photographs_are_predicted_by_vertex_ai_and_compared_with_the_built_in_versions(
    page: Page, google: AppServer
) -> None:
    open_page(page, f"{google.url}/?provider=vertex")
    page.get_by_test_id("stFileUploaderDropzoneInput").first.set_input_files(ROOT / "samples/espresso.jpg")
    expect_cards(page, 1)

    found = re.search(r"session=([\w-]+)", page.url)
    assert found
    open_page(page, f"{google.url}/history?session={found[1]}&view=matrix")

    expect(page.get_by_role("combobox", name="Provider")).to_have_value("vertex")
    expect(page.get_by_test_id("stDataFrame")).to_be_visible()


def test_an_unlisted_project_is_refused_and_another_can_be_chosen(page: Page, google: AppServer) -> None:
    open_page(page, f"{google.url}/models?provider=automl")

    project = page.get_by_role("combobox", name="Project")
    project.fill("typed-project")
    with rerun(page):
        project.press("Enter")
    expect(page.get_by_text("settings do not list this project.").first).to_be_visible()
    project.fill("my-project")
    with rerun(page):
        project.press("Enter")

    expect(page.get_by_text("projects/my-project/locations/us-central1/models/ICN").first).to_be_visible()


def test_code_to_call_a_version_can_be_copied(page: Page, google: AppServer) -> None:
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    open_page(page, f"{google.url}/models?provider=vertex&models=Use+it+from+code")

    page.get_by_test_id("stCode").hover()
    page.get_by_test_id("stCode").get_by_role("button").first.click()

    copied = page.evaluate("navigator.clipboard.readText()")
    assert ":predict" in copied
    assert f"{google.url}" not in copied


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("part", _PARTS)
def test_the_models_page_has_no_serious_accessibility_violation(
    browser: Browser, google: AppServer, part: str, scheme: str
) -> None:
    page = browser.new_context(color_scheme=scheme).new_page()  # type: ignore[arg-type]
    service = "built-in" if part == "Upload" else "automl"
    open_page(page, f"{google.url}/models?provider={service}&models={part.replace(' ', '+')}")

    violations = Axe().run(page).response["violations"]

    serious = [found for found in violations if found["impact"] in {"serious", "critical"}]
    assert [(found["id"], found["nodes"][0]["html"]) for found in serious] == []
    page.close()


def test_missing_credentials_are_explained_in_the_sidebar(page: Page, tmp_path: Path) -> None:
    nobody = {"CLOUDSDK_CONFIG": str(tmp_path), "NO_GCE_CHECK": "true"}
    with AppServer(tmp_path, **nobody) as server:
        open_page(page, f"{server.url}/?provider=vertex")

        expect(page.get_by_text("No Google Cloud credentials found.").first).to_be_visible()
        expect(page.get_by_role("heading", level=1)).to_have_text("Predict")


def test_an_uploaded_export_predicts_a_photograph(page: Page, tmp_path: Path) -> None:
    folder = make_export(tmp_path / "made")
    archive = shutil.make_archive(str(tmp_path / "export"), "zip", folder)
    with AppServer(tmp_path, SECOND_LOOK_MODELS_DIR=str(tmp_path / "models")) as server:
        open_page(page, f"{server.url}/models?models=Upload")

        page.get_by_test_id("stFileUploaderDropzoneInput").set_input_files(archive)
        family = page.get_by_role("tabpanel").get_by_role("combobox", name="Family")
        family.fill("colors")
        family.press("Enter")
        page.get_by_role("button", name="Deploy model").click()
        expect(page.get_by_text("colors v1 is deployed: 3 labels")).to_be_visible()
        open_page(page, f"{server.url}/")
        page.get_by_test_id("stFileUploaderDropzoneInput").first.set_input_files(ROOT / "samples/cat.jpg")

        expect_cards(page, 1)
        expect(page.locator(".js-plotly-plot").get_by_text("red")).to_be_visible()
