"""Vertex AI as it would be where somebody else put names into its answers."""

import json
import re
from collections.abc import Sequence
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

LOCATION = "projects/my-project/locations/us-central1"


class Google(ThreadingHTTPServer):
    """Vertex AI as one that was taken over would be: some name in its answers is what somebody else put there."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.answers: dict[str, Any] = {
            r"GET .*/models": {"models": [{"name": f"{LOCATION}/models/1", "displayName": "birds"}]},
            r"GET .*/models/1:listVersions": {
                "models": [
                    {
                        "name": f"{LOCATION}/models/1",
                        "versionId": "1",
                        "trainingPipeline": f"{LOCATION}/trainingPipelines/4",
                    }
                ]
            },
            r"GET .*/trainingPipelines/4": {"trainingTaskInputs": {"modelType": "CLOUD"}},
            r"GET .*/endpoints": {
                "endpoints": [
                    {
                        "name": f"{LOCATION}/endpoints/2",
                        "deployedModels": [{"id": "3", "model": f"{LOCATION}/models/1", "modelVersionId": "1"}],
                    }
                ]
            },
            r"GET .*/evaluations": {"modelEvaluations": [{"name": f"{LOCATION}/models/1@1/evaluations/5"}]},
            r"GET .*/evaluations/5/slices": {},
            r"POST .*:predict": {"predictions": [{"displayNames": ["cat"], "confidences": [1.0]}]},
            r"POST .*/endpoints": {
                "name": f"{LOCATION}/endpoints/2/operations/6",
                "done": True,
                "response": {"name": f"{LOCATION}/endpoints/2"},
            },
            r"POST .*:deployModel": {"name": f"{LOCATION}/operations/7", "done": True},
            r"POST .*:undeployModel": {"name": f"{LOCATION}/endpoints/2/operations/8"},
            r"GET .*/operations/8": {"name": "x", "done": True},
        }
        self.asked: list[str] = []

    @property
    def url(self) -> str:
        """Where it answers."""
        return f"http://127.0.0.1:{self.server_address[1]}"

    def put(self, answer: str, way: Sequence[str | int], name: str) -> None:
        """Put a name into an answer, at the end of the way."""
        *before, last = way
        found = self.answers[answer]
        for step in before:
            found = found[step]
        found[last] = name

    def find_answer(self, line: str) -> Any:
        """The answer to "GET /v1/…", which is noted."""
        self.asked.append(line)
        return next(answer for pattern, answer in self.answers.items() if re.fullmatch(pattern, line))


class _Handler(BaseHTTPRequestHandler):
    server: Google

    def do_GET(self) -> None:
        self.rfile.read(int(self.headers.get("Content-Length", 0)))
        body = json.dumps(self.server.find_answer(f"{self.command} {self.path.partition('?')[0]}")).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    do_POST = do_GET  # noqa: N815 - http.server's name

    def log_message(self, *_: object) -> None:
        """Says nothing."""
