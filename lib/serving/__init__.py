"""The built-in prediction service: serves exported AutoML Vision Edge models over Google's AutoML API.

service = PredictionService(Path("models"))
port = service.start_grpc()     # gRPC, for Google's clients
app = service.rest_app          # REST, as an ASGI app
app = service.vertex_app        # the same models over Vertex AI's REST API, as an ASGI app
service.stop()
"""

from lib.serving.library import RefusedFolder
from lib.serving.served_models import ServedModel
from lib.serving.service import PredictionService

__all__ = ["PredictionService", "RefusedFolder", "ServedModel"]
