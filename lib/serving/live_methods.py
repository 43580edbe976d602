"""Methods that answer for whatever is served now, so that a version can be added while calls are under way."""

from collections.abc import Mapping
from functools import partial
from typing import Any

from lib.serving.deployments import Deployments
from lib.serving.methods import Method, make_methods
from lib.serving.operations import Operations
from lib.serving.served_models import ServedModel


class LiveMethods:
    """`methods` stay the same objects for good; what they answer with is replaced as a whole by `serve`.

    Deployment states and operations outlive that.
    """

    def __init__(self, models: tuple[ServedModel, ...], deploy_takes_s: float) -> None:
        self._states = Deployments(deploy_takes_s), Operations()
        self._now: Mapping[str, Method] = make_methods(models, *self._states)
        self.methods: Mapping[str, Method] = {
            name: Method(method.request_type, partial(self._answer, name)) for name, method in self._now.items()
        }

    def serve(self, models: tuple[ServedModel, ...]) -> None:
        """Answer for these models from now on; calls under way end as they began."""
        self._now = make_methods(models, *self._states)

    def _answer(self, name: str, request: Any) -> Any:
        return self._now[name].answer(request)
