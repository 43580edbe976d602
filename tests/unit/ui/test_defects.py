"""How an unexpected error is shown to visitors and logged."""

import logging
import re

import pytest
from streamlit.testing.v1 import AppTest


def fail() -> None:
    from lib.ui.defects import numbered_defects  # noqa: PLC0415 - AppTest runs this function as a script of its own

    with numbered_defects():
        raise ValueError("the password is hunter2")


def stop() -> None:
    import streamlit as st  # noqa: PLC0415

    from lib.ui.defects import numbered_defects  # noqa: PLC0415

    with numbered_defects():
        st.text("before")
        st.stop()


def test_a_defect_shows_a_number_and_the_log_has_the_cause_under_it(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.ERROR):
        app = AppTest.from_function(fail).run()

    (error,) = app.error
    number = re.search(r"log: ([0-9a-f]{8})", error.value)
    assert number
    assert f"Unexpected error {number[1]}" in caplog.text
    assert "ValueError: the password is hunter2" in caplog.text
    assert "hunter2" not in error.value
    assert not app.exception


def test_a_page_that_stops_on_purpose_has_no_defect() -> None:
    app = AppTest.from_function(stop).run()

    assert not app.error
    assert [text.value for text in app.text] == ["before"]
