"""`python -m lib serve`, as a process."""

import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

from lib.cli.serve import main
from lib.settings import ROOT


@contextmanager
def make_process(*arguments: str) -> Iterator[subprocess.Popen[str]]:
    """Start the service as a process that ends with the block."""
    command = [sys.executable, "-m", "lib", "serve", *arguments]
    with subprocess.Popen(
        command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=dict(os.environ)
    ) as process:
        yield process
        process.kill()


def read_until(process: subprocess.Popen[str], start: str) -> list[str]:
    """Return the output lines up to the first with this prefix."""
    assert process.stdout
    lines = [process.stdout.readline()]
    while lines[-1] and not lines[-1].startswith(start):
        lines.append(process.stdout.readline())
    return lines


def make_arguments(models_dir: Path, grpc_port: int = 0, rest_port: int = 0) -> list[str]:
    return ["--models", str(models_dir), "--grpc-port", str(grpc_port), "--rest-port", str(rest_port)]


def make_vertex_arguments(models_dir: Path, vertex_port: int = 0) -> list[str]:
    return [*make_arguments(models_dir), "--vertex", "--vertex-port", str(vertex_port)]


@pytest.mark.parametrize("end", [signal.SIGINT, signal.SIGTERM])
def test_the_command_lists_its_models_serves_them_and_exits_cleanly(models_dir: Path, end: signal.Signals) -> None:
    (models_dir / "pets" / "v9").mkdir(parents=True)

    with make_process(*make_arguments(models_dir)) as process:
        lines = read_until(process, "Try:")
        answer = httpx.get(f"{lines[-2].split()[1]}/v1/projects/p/locations/eu/models", trust_env=False)
        process.send_signal(end)
        _, errors = process.communicate(timeout=30)

    shown = "".join(lines)
    assert "3 labels, multi-label, uint8 8 x 8" in shown
    assert "pets/v9  rejected: no model.tflite" in shown
    assert len(answer.json()["model"]) == 2
    assert process.returncode == 0
    assert "Traceback" not in errors


def test_the_printed_curl_command_works_unchanged(models_dir: Path) -> None:
    with make_process(*make_arguments(models_dir)) as process:
        line = read_until(process, "Try:")[-1].removeprefix("Try:").replace("curl ", "curl --noproxy '*' -s ")
        answer = subprocess.run(["bash", "-c", line], cwd=ROOT, capture_output=True, text=True, check=True)  # noqa: S607

    assert '"displayName"' in answer.stdout or answer.stdout == "{}"


def test_the_vertex_ai_api_is_served_on_request(models_dir: Path) -> None:
    with make_process(*make_vertex_arguments(models_dir)) as process:
        read_until(process, "Vertex")
        line = read_until(process, "Try:")[-1].removeprefix("Try:").replace("curl ", "curl --noproxy '*' -s ")
        answer = subprocess.run(["bash", "-c", line], cwd=ROOT, capture_output=True, text=True, check=True)  # noqa: S607
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=30)

    names = [endpoint["displayName"] for endpoint in json.loads(answer.stdout)["endpoints"]]
    assert names == ["colors-v1", "tags-v1"]
    assert process.returncode == 0


def test_a_vertex_ai_port_in_use_ends_the_command_with_a_message(models_dir: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with make_process(*make_vertex_arguments(models_dir, port)) as process:
            _, errors = process.communicate(timeout=30)

    assert f"cannot listen on 127.0.0.1:{port}" in errors
    assert (process.returncode, "Traceback" in errors) == (2, False)


@pytest.mark.parametrize("name", ["grpc_port", "rest_port"])
def test_a_port_in_use_ends_the_command_with_a_message(models_dir: Path, name: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with make_process(*make_arguments(models_dir, **{name: port})) as process:
            _, errors = process.communicate(timeout=30)

    assert f"cannot listen on 127.0.0.1:{port}" in errors
    assert process.returncode == 2
    assert "Traceback" not in errors


@pytest.mark.parametrize("port", ["65536", "-1", "http"])
@pytest.mark.parametrize("option", ["--grpc-port", "--rest-port", "--vertex-port"])
def test_an_invalid_port_is_rejected(
    option: str, port: str, models_dir: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit):
        main(["--models", str(models_dir), f"{option}={port}"])

    assert f"must be a port from 0 to 65535, got '{port}'" in capsys.readouterr().err


@pytest.mark.parametrize("seconds", ["-1", "soon", "nan", "inf"])
def test_an_invalid_deployment_time_is_rejected(
    seconds: str, models_dir: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit):
        main(["--models", str(models_dir), f"--deploy-takes={seconds}"])

    assert f"must be a number of seconds, 0 or more, got '{seconds}'" in capsys.readouterr().err


def test_deployments_take_the_configured_time(models_dir: Path) -> None:
    with make_process(*make_arguments(models_dir), "--deploy-takes", "600") as process:
        address = read_until(process, "Try:")[-2].split()[1]
        listed = httpx.get(f"{address}/v1/projects/p/locations/eu/models", trust_env=False).json()
        operation = httpx.post(f"{address}/v1/{listed['model'][0]['name']}:undeploy", trust_env=False).json()

    assert "done" not in operation
