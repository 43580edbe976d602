"""Any bytes become an image or an error message, quickly and in bounded memory."""

import hashlib
import json
import resource
import subprocess
import sys
import time

from lib.domain.images import ImageLimits
from lib.errors import UnusableImage
from lib.images.preparation import prepare_image
from lib.settings import ROOT
from tests.builders.broken_images import make_broken_files

SEED, COUNT = 20_261_123, 5_000
WARM_UP = 200
MOST_S, MOST_GROWTH_KB = 2.0, 200 * 1024
_ENDS_WITHIN_S = 240


def look_at_all() -> dict[str, float]:
    """Prepare every file, in this process: how many were usable, the slowest in seconds, and the growth of memory."""
    found = {"usable": 0.0, "refused": 0.0, "slowest_s": 0.0, "growth_kb": 0.0}
    before_kb = 0
    for number, content in enumerate(make_broken_files(SEED, COUNT)):
        if number == WARM_UP:
            before_kb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        found["slowest_s"] = max(found["slowest_s"], prepare(content, found))
    found["growth_kb"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before_kb
    return found


def prepare(content: bytes, found: dict[str, float]) -> float:
    """Seconds of this process's own time that one file takes, however busy the machine is.

    All that is neither an image nor a refusal ends the process.
    """
    start_s = time.process_time()
    try:
        prepare_image(content, "broken", ImageLimits())
        outcome = "usable"
    except UnusableImage:
        outcome = "refused"
    found[outcome] = found.get(outcome, 0) + 1
    return time.process_time() - start_s


def test_five_thousand_broken_files_are_decoded_or_rejected_in_bounded_time_and_memory() -> None:
    # A process of its own: a crash of a decoder ends it, a hang runs into the time, and its memory is its own.
    command = [sys.executable, "-W", "error", "-m", "tests.integration.images.test_broken_files"]

    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=_ENDS_WITHIN_S, check=False)

    assert done.returncode == 0, done.stderr[-2000:]
    found = json.loads(done.stdout)
    assert found["usable"] + found["refused"] == COUNT
    # Neither all nor none: the files are broken, and not beyond recognition.
    assert min(found["usable"], found["refused"]) > COUNT / 20
    assert found["slowest_s"] < MOST_S
    assert found["growth_kb"] < MOST_GROWTH_KB


def test_the_same_seed_generates_the_same_files() -> None:
    first, second = (hashlib.sha256(b"".join(make_broken_files(SEED, 100))).hexdigest() for _ in range(2))

    assert first == second
    assert len(set(make_broken_files(SEED, 100))) > 90


if __name__ == "__main__":
    sys.stdout.write(json.dumps(look_at_all()))
