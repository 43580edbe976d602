"""What can be set from outside."""

from pathlib import Path

import pytest

from lib.errors import InvalidSettings
from lib.settings import ROOT, Settings


def test_everything_has_a_default() -> None:
    settings = Settings.from_mapping({})

    assert settings.models_dir == ROOT / "models"
    assert settings.database_url == f"sqlite:///{ROOT / 'data' / 'second-look.db'}"
    assert not settings.fault_models


def test_one_folder_holds_all_that_is_stored(tmp_path: Path) -> None:
    settings = Settings.from_mapping({"SECOND_LOOK_DATA_DIR": str(tmp_path)})

    assert settings.database_url == f"sqlite:///{tmp_path / 'second-look.db'}"
    assert settings.images_url == str(tmp_path / "images")


def test_database_and_images_can_live_elsewhere() -> None:
    settings = Settings.from_mapping(
        {"SECOND_LOOK_DATABASE_URL": "postgresql+psycopg://db/look", "SECOND_LOOK_IMAGES_URL": "gs://bucket/images"}
    )

    assert (settings.database_url, settings.images_url) == ("postgresql+psycopg://db/look", "gs://bucket/images")


@pytest.mark.parametrize("value", ["soon", "-1", "nan", "1e9", ""])
def test_an_unusable_number_is_refused_with_its_name(value: str) -> None:
    with pytest.raises(InvalidSettings, match="SECOND_LOOK_ANSWER_WITHIN_S must be a number"):
        Settings.from_mapping({"SECOND_LOOK_ANSWER_WITHIN_S": value})


def test_a_port_beyond_the_last_one_is_refused() -> None:
    with pytest.raises(InvalidSettings, match="SECOND_LOOK_GRPC_PORT"):
        Settings.from_mapping({"SECOND_LOOK_GRPC_PORT": "65536"})


def test_people_are_named_with_commas_or_spaces() -> None:
    settings = Settings.from_mapping({"SECOND_LOOK_ADMINS": "ada@example.com, @example.org", "SECOND_LOOK_VIEWERS": ""})

    assert (settings.admins, settings.viewers) == (("ada@example.com", "@example.org"), ())


@pytest.mark.parametrize("url", ["http://127.0.0.1:8472", "https://vertex.example/proxy/", "http://[::1]:8472", ""])
def test_a_server_in_the_place_of_vertex_ai_has_a_plain_url(url: str) -> None:
    assert Settings.from_mapping({"SECOND_LOOK_VERTEX_ENDPOINT": url}).vertex_endpoint == url.rstrip("/")


@pytest.mark.parametrize(
    "url", ["127.0.0.1:8472", "http://ada:word@host", "http://host?x", "http://host/#", 'http://"']
)
def test_any_other_url_is_refused(url: str) -> None:
    with pytest.raises(InvalidSettings, match="SECOND_LOOK_VERTEX_ENDPOINT must be a URL"):
        Settings.from_mapping({"SECOND_LOOK_VERTEX_ENDPOINT": url})
