"""The README matches the app."""

import re

from lib.serving import PredictionService
from lib.settings import ROOT

README = (ROOT / "README.md").read_text(encoding="utf-8")


def test_the_model_in_the_readme_example_is_served() -> None:
    (named,) = set(re.findall(r"models/(ICN\d+):predict", README))

    assert named in {model.model_id for model in PredictionService(ROOT / "models").models}


def test_every_setting_is_in_the_readme() -> None:
    source = (ROOT / "lib/settings.py").read_text(encoding="utf-8")

    assert set(re.findall(r"SECOND_LOOK_\w+", source)) <= set(re.findall(r"SECOND_LOOK_\w+", README))
