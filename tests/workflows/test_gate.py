"""The gate that stops a release, run as a pipeline runs it."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from lib.settings import ROOT
from lib.store import Store
from tests.builders import NOON, make_prepared_image, make_record, make_version
from tests.workflows.compared_session import Row, make_compared_session

WORSE, BETTER, SAME = Row(second="dog"), Row(first="dog"), Row()


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(f"sqlite:///{tmp_path / 'second-look.db'}", str(tmp_path / "images"))


def run_gate(folder: Path, session_id: str, *more: str, baseline: str = "v1", candidate: str = "v2") -> tuple[int, str]:
    """Exit code, and all that was printed."""
    command = [sys.executable, "-m", "lib.workflows.gate", "--session", session_id]
    versions = ["--baseline", baseline, "--candidate", candidate]
    environment = {**os.environ, "SECOND_LOOK_DATA_DIR": str(folder)}
    done = subprocess.run(
        [*command, *versions, *more], cwd=ROOT, env=environment, check=False, capture_output=True, text=True
    )
    return done.returncode, done.stdout + done.stderr


def test_a_worse_candidate_stops_the_release(store: Store, tmp_path: Path) -> None:
    session = make_compared_session(store, [WORSE] * 20 + [SAME] * 20)

    code, said = run_gate(tmp_path, session.id, "--margin", "0.02")

    assert code == 1
    assert said.startswith("v2 fixes 0 images and breaks 20 of 40 with a known label")
    assert "v2 is worse than v1." in said
    assert "v1 is right on 40 of 40" in said


@pytest.mark.parametrize(
    ("rows", "conclusion"),
    [
        ([BETTER] * 20 + [SAME] * 20, "v2 is better than v1."),
        ([WORSE] + [SAME] * 20, "Not enough evidence yet"),
        ([SAME] * 300, "v2 is no worse than v1 by more than 2 points."),
        ([Row(truth=None)], "No image has a known label yet."),
    ],
)
def test_whatever_is_not_worse_passes(store: Store, tmp_path: Path, rows: list[Row], conclusion: str) -> None:
    session = make_compared_session(store, rows)

    code, said = run_gate(tmp_path, session.id, "--margin", "0.02")

    assert (code, conclusion in said) == (0, True)


def test_an_unknown_session_cannot_be_judged(store: Store, tmp_path: Path) -> None:
    assert run_gate(tmp_path, "nobody") == (
        2,
        "There is no session at this address. Open one from History, or start a new one.\n",
    )


def test_an_unknown_version_is_named_beside_those_that_are_there(store: Store, tmp_path: Path) -> None:
    session = make_compared_session(store, [SAME])

    code, said = run_gate(tmp_path, session.id, candidate="v9")

    assert code == 2
    assert "no version called 'v9'. It has these: v1 (ICNv1), v2 (ICNv2)." in said


def test_versions_of_the_same_name_are_told_apart_by_their_id(store: Store, tmp_path: Path) -> None:
    session = make_compared_session(store, [SAME])
    (image,) = store.find_images(session.id)
    twin = make_version("v2", etag="other", family="fish")
    store.add_record(make_record(image.sha256, session_id=session.id, version=twin))

    code, said = run_gate(tmp_path, session.id)

    assert code == 2
    assert "more than one version called 'v2'" in said


@pytest.mark.parametrize("wrong", [["--margin", "2"], ["--margin", "much"], ["--threshold", "-1"]])
def test_a_wrong_argument_is_said_so(store: Store, tmp_path: Path, wrong: list[str]) -> None:
    code, said = run_gate(tmp_path, "any", *wrong)

    assert code == 2
    assert wrong[0] in said


def test_a_version_is_not_compared_with_itself(store: Store, tmp_path: Path) -> None:
    code, said = run_gate(tmp_path, "any", candidate="v1")

    assert (code, "must differ" in said) == (2, True)


def test_the_gate_finds_out_what_images_look_like_by_itself(store: Store, tmp_path: Path) -> None:
    session = make_compared_session(store, [SAME])
    unseen = make_prepared_image(b"unseen")
    store.add_image(session.id, unseen, NOON)
    for name in ("v1", "v2"):
        store.add_record(make_record(unseen.image.sha256, session_id=session.id, version=make_version(name)))

    # Its thumbnail is no picture: it stands alone, and stops nobody.
    assert run_gate(tmp_path, session.id)[0] == 0
