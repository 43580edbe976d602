"""Code samples contain nothing that could end their strings."""

import pytest

from lib.providers.resource_names import ResourceName
from lib.workflows.snippets.write import Api, Authentication, Language, SnippetTarget, write_snippet

NAME = ResourceName.parse("projects/example.com:my-project/locations/us-central1/endpoints/1", "endpoints")


@pytest.mark.parametrize(
    "url",
    [
        'http://host"; rm -rf /; "',
        "http://host'",
        "http://$(reboot)",
        "http://`reboot`",
        "http://host/\n",
        "http://user:word@host",
        "http://host#x",
        "http://host?x",
        "http://höst",
        "javascript://host",
        "http://host\\",
        "http://",
        "",
    ],
)
def test_an_address_that_could_end_a_string_is_rejected(url: str) -> None:
    with pytest.raises(ValueError, match="the URL of a server"):
        SnippetTarget(url, NAME, Authentication.NONE)


@pytest.mark.parametrize(
    "url", ["http://localhost:8501", "https://look.example", "http://[::1]:8501", "http://127.0.0.1:8472/google/v1"]
)
@pytest.mark.parametrize("api", list(Api))
@pytest.mark.parametrize("language", list(Language))
def test_a_code_sample_calls_the_address(api: Api, language: Language, url: str) -> None:
    program = write_snippet(api, language, SnippetTarget(url, NAME, Authentication.NONE))

    assert str(NAME) in program
