"""Invalid scores never become a prediction, for any provider."""

import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

import grpc
import pytest
from google.cloud import automl_v1 as automl

from lib.errors import InvalidResponse
from lib.providers.automl import AutomlClient
from lib.providers.automl_servers import built_in_server
from lib.providers.credentials import NoCredentials
from lib.providers.projects import fixed_projects
from lib.providers.responses import read_prediction
from lib.providers.vertex import VertexClient
from tests.builders.values import make_prepared_image, make_version
from tests.integration.providers.conftest import TIMEOUTS

NAN, INF = float("nan"), float("inf")
BAD = [[NAN, 0.5], [0.5, NAN], [INF, 0.5], [-INF, 0.5], [-0.01, 0.5], [1.01, 0.5], [0.5, 1 + 2e-6]]


@pytest.mark.parametrize("values", BAD)
def test_an_invalid_score_is_reported(values: list[float]) -> None:
    with pytest.raises(InvalidResponse, match=r"Vertex AI returned a score of .* The model is faulty"):
        read_prediction("Vertex AI", "v1", ["cat", "dog"], values)


@pytest.mark.parametrize("values", [[], [0.5], [0.5, 0.25, 0.25]])
def test_a_mismatch_between_scores_and_labels_is_reported(values: list[float]) -> None:
    with pytest.raises(InvalidResponse, match=f"returned {len(values)} scores for 2 labels"):
        read_prediction("Vertex AI", "v1", ["cat", "dog"], values)


def test_rounding_errors_slightly_out_of_range_are_clipped() -> None:
    assert read_prediction("Vertex AI", "v1", ["cat", "dog"], [1.0000001, -1e-7]).values == (1.0, 0.0)


class _Vertex(BaseHTTPRequestHandler):
    """Serve version 1 of a model on an endpoint, and return the server's content for each prediction."""

    server: "_VertexServer"

    def do_GET(self) -> None:
        deployed = {"id": "1", "model": "projects/my-project/locations/us-central1/models/7", "modelVersionId": "1"}
        name = "projects/my-project/locations/us-central1/endpoints/9"
        self._answer({"endpoints": [{"name": name, "deployedModels": [deployed], "trafficSplit": {"1": 100}}]})

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        self._answer(self.server.said)

    def _answer(self, content: object) -> None:
        body = json.dumps(content).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


class _VertexServer(ThreadingHTTPServer):
    said: object = None


@pytest.fixture
def vertex() -> Iterator[_VertexServer]:
    server = _VertexServer(("127.0.0.1", 0), _Vertex)
    thread = Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.mark.parametrize(
    "said",
    [
        *({"predictions": [{"displayNames": ["cat", "dog"], "confidences": values}]} for values in BAD),
        {"predictions": [{"displayNames": ["cat"], "confidences": [0.5, 0.5]}]},
        {"predictions": [{"displayNames": ["cat"], "confidences": ["high"]}]},
        {"predictions": [{"displayNames": ["cat"]}]},
        {"predictions": [None]},
        {"predictions": []},
        {},
        [],
    ],
)
def test_an_invalid_vertex_response_is_a_model_error(vertex: _VertexServer, said: object) -> None:
    vertex.said = said
    url = f"http://127.0.0.1:{vertex.server_address[1]}"
    client = VertexClient(NoCredentials(), fixed_projects([]), lambda _: url, TIMEOUTS)
    version = make_version(provider="vertex", model_name="projects/my-project/locations/us-central1/models/7@1")

    with pytest.raises(InvalidResponse, match=r"Vertex AI returned .* for v1"):
        client.predict(version, make_prepared_image())

    client.close()


@pytest.mark.parametrize("values", BAD)
def test_an_invalid_automl_response_is_a_model_error(values: list[float]) -> None:
    entries = [
        {"display_name": name, "classification": {"score": value}} for name, value in zip("ab", values, strict=True)
    ]
    answer = automl.PredictResponse.serialize(automl.PredictResponse(payload=entries))
    server = grpc.server(ThreadPoolExecutor(1))
    handler = grpc.unary_unary_rpc_method_handler(lambda _, __: answer)
    provider = "google.cloud.automl.v1.PredictionService"
    server.add_generic_rpc_handlers([grpc.method_handlers_generic_handler(provider, {"Predict": handler})])
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    client = AutomlClient(built_in_server(f"127.0.0.1:{port}"), TIMEOUTS)

    with pytest.raises(InvalidResponse, match="The built-in service returned a score of"):
        client.predict(
            make_version(model_name="projects/second-look/locations/us-central1/models/ICN1"), make_prepared_image()
        )

    client.close()
    server.stop(None).wait()
