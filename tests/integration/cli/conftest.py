"""A folder of models, as the tests of the service have it."""

from tests.integration.serving.conftest import models_dir

__all__ = ["models_dir"]
