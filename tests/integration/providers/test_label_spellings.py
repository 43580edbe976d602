"""Labels in decomposed Unicode, as files from a Mac may contain, are normalized."""

import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

import grpc
import pytest
from google.cloud import automl_v1

from lib.domain.predictions import ModelVersion
from lib.providers.automl import AutomlClient
from lib.providers.automl_servers import other_server
from lib.providers.credentials import NoCredentials
from lib.providers.projects import fixed_projects
from lib.providers.responses import read_evaluations
from lib.providers.vertex import VertexClient
from lib.providers.vertex_catalog import read_evaluation
from tests.builders.values import make_prepared_image
from tests.unit.domain.test_label import COMPOSED, DECOMPOSED


@pytest.fixture
def automl() -> Iterator[AutomlClient]:
    """A client of an AutoML server that predicts a decomposed label for every image."""
    answer = automl_v1.PredictResponse(payload=[{"display_name": DECOMPOSED, "classification": {"score": 0.75}}])
    handler = grpc.unary_unary_rpc_method_handler(lambda *_: automl_v1.PredictResponse.serialize(answer))
    provider = "google.cloud.automl.v1.PredictionService"
    server = grpc.server(ThreadPoolExecutor(2))
    server.add_generic_rpc_handlers([grpc.method_handlers_generic_handler(provider, {"Predict": handler})])
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    with closing(AutomlClient(other_server(f"127.0.0.1:{port}", fixed_projects([])))) as client:
        yield client
    server.stop(None).wait()


def test_the_label_of_an_automl_prediction_is_normalized(automl: AutomlClient) -> None:
    version = ModelVersion("automl", f"{PARENT}/models/ICN5", "flowers", "v1", "1")

    prediction = automl.predict(version, make_prepared_image(b"image"))

    assert prediction.labels == (COMPOSED,)


PARENT = "projects/my-project/locations/us-central1"
DEPLOYED = [{"id": "7", "model": f"{PARENT}/models/5", "modelVersionId": "1"}]


class Vertex(BaseHTTPRequestHandler):
    """A server with one endpoint that predicts a decomposed label for every image."""

    def do_GET(self) -> None:
        endpoint = {"name": f"{PARENT}/endpoints/3", "deployedModels": DEPLOYED, "trafficSplit": {"7": 100}}
        self._answer({"endpoints": [endpoint]})

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        scores = {"ids": ["0"], "displayNames": [DECOMPOSED], "confidences": [0.75]}
        model = {"model": f"{PARENT}/models/5", "modelVersionId": "1", "deployedModelId": "7"}
        self._answer({"predictions": [scores], **model})

    def _answer(self, fields: dict[str, object]) -> None:
        body = json.dumps(fields).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Says nothing."""


@pytest.fixture
def vertex() -> Iterator[VertexClient]:
    """The client of that server."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), Vertex)
    Thread(target=server.serve_forever, daemon=True).start()
    url = f"http://127.0.0.1:{server.server_address[1]}"
    with closing(VertexClient(NoCredentials(), fixed_projects([]), lambda _: url)) as client:
        yield client
    server.shutdown()
    server.server_close()


def test_the_label_of_a_vertex_prediction_is_normalized(vertex: VertexClient) -> None:
    version = ModelVersion("vertex", f"{PARENT}/models/5@1", "flowers", "1", "1")

    assert vertex.predict(version, make_prepared_image(b"image")).labels == (COMPOSED,)


def test_the_label_of_an_automl_evaluation_is_normalized() -> None:
    matrix = {"annotation_spec_id": ["1"], "display_name": [DECOMPOSED], "row": [{"example_count": [3]}]}
    metrics = {"confusion_matrix": matrix}
    fields = {"annotation_spec_id": "1", "display_name": DECOMPOSED, "classification_evaluation_metrics": metrics}

    (evaluation,) = read_evaluations([automl_v1.ModelEvaluation(fields)])

    assert evaluation.label == COMPOSED
    assert evaluation.confusion is not None
    assert evaluation.confusion.labels == (COMPOSED,)


def test_the_label_of_a_vertex_evaluation_is_normalized() -> None:
    matrix = {"annotationSpecs": [{"id": "1", "displayName": DECOMPOSED}], "rows": [[3]]}

    overall, of_label = read_evaluation(
        {"metrics": {"confusionMatrix": matrix}}, [{"slice": {"value": DECOMPOSED}, "metrics": {}}]
    )

    assert of_label.label == COMPOSED
    assert overall.confusion is not None
    assert overall.confusion.labels == (COMPOSED,)
