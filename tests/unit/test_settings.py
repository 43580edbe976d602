"""Settings from environment variables."""

from pathlib import Path

import pytest

from lib.errors import InvalidSettings
from lib.settings import ROOT, Settings


def test_every_setting_has_a_default() -> None:
    settings = Settings.from_mapping({})

    assert settings.models_dir == ROOT / "models"
    assert settings.database_url == f"sqlite:///{ROOT / 'data' / 'second-look.db'}"
    assert not settings.fault_models


def test_all_data_is_stored_in_one_folder_by_default(tmp_path: Path) -> None:
    settings = Settings.from_mapping({"SECOND_LOOK_DATA_DIR": str(tmp_path)})

    assert settings.database_url == f"sqlite:///{tmp_path / 'second-look.db'}"
    assert settings.images_url == str(tmp_path / "images")


def test_the_database_and_images_can_be_stored_elsewhere() -> None:
    settings = Settings.from_mapping(
        {"SECOND_LOOK_DATABASE_URL": "postgresql+psycopg://db/look", "SECOND_LOOK_IMAGES_URL": "gs://bucket/images"}
    )

    assert (settings.database_url, settings.images_url) == ("postgresql+psycopg://db/look", "gs://bucket/images")


@pytest.mark.parametrize("value", ["soon", "-1", "nan", "1e9", ""])
def test_an_invalid_number_is_rejected_with_the_name_of_its_setting(value: str) -> None:
    with pytest.raises(InvalidSettings, match="SECOND_LOOK_ANSWER_WITHIN_S must be a number"):
        Settings.from_mapping({"SECOND_LOOK_ANSWER_WITHIN_S": value})


def test_a_port_over_65535_is_rejected() -> None:
    with pytest.raises(InvalidSettings, match="SECOND_LOOK_GRPC_PORT"):
        Settings.from_mapping({"SECOND_LOOK_GRPC_PORT": "65536"})


def test_people_are_separated_by_commas_or_spaces() -> None:
    settings = Settings.from_mapping({"SECOND_LOOK_ADMINS": "ada@example.com, @example.org", "SECOND_LOOK_VIEWERS": ""})

    assert (settings.admins, settings.viewers) == (("ada@example.com", "@example.org"), ())


@pytest.mark.parametrize("url", ["http://127.0.0.1:8472", "https://vertex.example/proxy/", "http://[::1]:8472", ""])
def test_a_custom_vertex_ai_server_has_a_plain_url(url: str) -> None:
    assert Settings.from_mapping({"SECOND_LOOK_VERTEX_ENDPOINT": url}).vertex_endpoint == url.rstrip("/")


@pytest.mark.parametrize(
    "url", ["127.0.0.1:8472", "http://ada:word@host", "http://host?x", "http://host/#", 'http://"']
)
def test_any_other_server_url_is_rejected(url: str) -> None:
    with pytest.raises(InvalidSettings, match="SECOND_LOOK_VERTEX_ENDPOINT must be a URL"):
        Settings.from_mapping({"SECOND_LOOK_VERTEX_ENDPOINT": url})


def test_the_format_of_the_log_is_one_of_two() -> None:
    given = [Settings.from_mapping({"SECOND_LOOK_LOG_FORMAT": value}).log_format for value in ("", "JSON", "console")]

    assert [Settings.from_mapping({}).log_format, *given] == ["console", "console", "json", "console"]
    with pytest.raises(InvalidSettings, match="SECOND_LOOK_LOG_FORMAT must be console or json, got 'xml'"):
        Settings.from_mapping({"SECOND_LOOK_LOG_FORMAT": "xml"})
