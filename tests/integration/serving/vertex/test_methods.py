"""The table of methods."""

from lib.serving.models.served_models import ServedModel
from lib.serving.vertex.front import make_methods

LOCATION = "/v1/projects/p/locations/local"

# As the reference of Vertex AI's REST API, version v1, has them.
WAYS = [
    ("GET", "/models"),
    ("GET", "/models/1@2:listVersions"),
    ("GET", "/models/1@2"),
    ("GET", "/models/1@2/evaluations"),
    ("GET", "/models/1@2/evaluations/3"),
    ("GET", "/models/1@2/evaluations/3/slices"),
    ("GET", "/models/1@2/evaluations/3/slices/4"),
    ("GET", "/trainingPipelines/5"),
    ("POST", "/endpoints/1:predict"),
    ("GET", "/endpoints"),
    ("POST", "/endpoints"),
    ("GET", "/endpoints/1"),
    ("PATCH", "/endpoints/1"),
    ("DELETE", "/endpoints/1"),
    ("POST", "/endpoints/1:deployModel"),
    ("POST", "/endpoints/1:undeployModel"),
    ("GET", "/endpoints/1/operations/2"),
]


def test_every_method_path_matches_its_own_method_first(models: tuple[ServedModel, ...]) -> None:
    methods = make_methods(models, deploy_takes_s=0)

    found = [
        next(number for number, method in enumerate(methods) if method.verb == verb and method.template.match(path))
        for verb, path in ((verb, LOCATION + path) for verb, path in WAYS)
    ]

    assert found == list(range(len(methods)))
