"""A stand-in for Vertex AI's REST API (v1): models, versions, endpoints, deployments and predictions.

app = make_vertex_app(service.models)
"""

from collections.abc import Sequence

from lib.serving.models.served_models import ServedModel
from lib.serving.vertex.front import VertexFront, make_methods

__all__ = ["make_vertex_app"]


def make_vertex_app(served: Sequence[ServedModel], *, token: str = "", deploy_takes_s: float = 0.0) -> VertexFront:
    """Return an ASGI app that serves these models, with every version deployed on its own endpoint.

    Unless `token` is empty, callers must send it as bearer token. Deploying and undeploying take `deploy_takes_s`.
    """
    return VertexFront(make_methods(served, deploy_takes_s), token)
