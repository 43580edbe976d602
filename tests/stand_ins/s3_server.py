"""A server of the tests' own that speaks S3, and what clients need to find it."""

import subprocess
import sys
import tempfile
import uuid
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import boto3
import httpx

from tests.stand_ins.app_server import free_port, wait_until_up


class S3Server:
    """moto's server on a free port. It keeps everything in memory."""

    def __init__(self) -> None:
        self.port = free_port()
        self._folder = tempfile.TemporaryDirectory(prefix="s3-")
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def environment(self) -> dict[str, str]:
        """Environment variables with which clients of S3 use this server."""
        return make_environment(self.port)

    def __enter__(self) -> Self:
        command = [sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", str(self.port)]
        log = Path(self._folder.name) / "log"
        with log.open("wb") as opened:
            self._process = subprocess.Popen(command, stdout=opened, stderr=opened)
        wait_until_up(self._process, f"http://127.0.0.1:{self.port}/moto-api/data.json", log)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        if self._process:
            self._process.terminate()
            self._process.wait()
        self._folder.cleanup()

    def create_bucket(self, name: str = "") -> str:
        """Create a bucket, and return its name: a new one unless it is given."""
        name = name or f"b{uuid.uuid4().hex}"
        self._client().create_bucket(Bucket=name)
        return name

    def delete_all(self) -> None:
        """Delete all buckets with all that they hold, at one moment."""
        httpx.post(f"http://127.0.0.1:{self.port}/moto-api/reset").raise_for_status()

    def list_keys(self, bucket: str) -> list[str]:
        """Return the names of all objects of a bucket."""
        return [found["Key"] for found in self._client().list_objects_v2(Bucket=bucket).get("Contents", [])]

    def _client(self) -> Any:
        settings = self.environment
        return boto3.client(
            "s3",
            endpoint_url=settings["AWS_ENDPOINT_URL"],
            aws_access_key_id=settings["AWS_ACCESS_KEY_ID"],
            aws_secret_access_key=settings["AWS_SECRET_ACCESS_KEY"],
            region_name=settings["AWS_DEFAULT_REGION"],
        )


def make_environment(port: int) -> dict[str, str]:
    """Return the environment variables with which clients of S3 use the server on this port."""
    return {
        "AWS_ENDPOINT_URL": f"http://127.0.0.1:{port}",
        "AWS_ACCESS_KEY_ID": "tests",
        "AWS_SECRET_ACCESS_KEY": "tests",
        "AWS_DEFAULT_REGION": "us-east-1",
    }
