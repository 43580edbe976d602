"""Google's official Node client, as a process that makes the calls that tests ask for."""

import json
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from google.rpc import code_pb2

from lib.settings import ROOT
from tests.conformance.find_programs import get_program

FOLDER = ROOT / "tests/conformance/node"
_ENDS_WITHIN_S = 30


class CallFailed(Exception):
    """A call ended in an error. `status` is a name of google.rpc.Code, `details` are JSON."""

    def __init__(self, status: str, message: str, details: list[dict[str, Any]]) -> None:
        super().__init__(message)
        self.status = status
        self.details = details


@dataclass(frozen=True)
class NodeClient:
    """Clients of one API version over one transport, in one process."""

    version: str
    process: subprocess.Popen[str]

    def models(self, method: str, **request: Any) -> Any:
        """Call a method of the AutoMl service. Raises CallFailed."""
        return self._call("AutoMlClient", method, request)

    def predict(self, **request: Any) -> Any:
        """Call PredictionService.Predict. Raises CallFailed."""
        return self._call("PredictionServiceClient", "predict", request)

    def _call(self, service: str, method: str, request: dict[str, Any]) -> Any:
        assert self.process.stdin
        assert self.process.stdout
        self.process.stdin.write(json.dumps({"service": service, "method": method, "request": request}) + "\n")
        self.process.stdin.flush()
        outcome = json.loads(self.process.stdout.readline())
        if "error" in outcome:
            raise _read_error(outcome["error"])
        return outcome["answer"]


@contextmanager
def start_client(version: str, transport: str, port: int) -> Iterator[NodeClient]:
    """The client of a version (v1, v1beta1) over grpc or rest, which has ended when the block ends."""
    command = [get_program("node"), "--no-warnings", "client.mjs", version, transport, str(port)]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, cwd=FOLDER, stdin=pipe, stdout=pipe, text=True) as process:
        try:
            yield NodeClient(version, process)
            assert process.stdin
            process.stdin.close()
            process.wait(_ENDS_WITHIN_S)
        finally:
            process.kill()


def install_packages() -> None:
    """Install what package-lock.json names into node_modules, unless that is there already.

    Raises CalledProcessError, with npm's words above it, where that cannot be.
    """
    # npm writes its own lock file when all the rest is in place.
    installed = FOLDER / "node_modules/.package-lock.json"
    wanted = FOLDER / "package-lock.json"
    if not installed.exists() or installed.stat().st_mtime < wanted.stat().st_mtime:
        options = ["--ignore-scripts", "--no-audit", "--no-fund", "--prefer-offline"]
        subprocess.run([get_program("npm"), "ci", *options], cwd=FOLDER, check=True)


def _read_error(error: dict[str, Any]) -> CallFailed:
    """Over REST, this client's error holds the whole answer as text, and the HTTP status as code."""
    if error["code"] < 100:
        return CallFailed(code_pb2.Code.Name(error["code"]), error["message"], error["details"])
    told = json.loads(error["message"])["error"]
    return CallFailed(told["status"], told["message"], told["details"])
