"""The served models as Vertex AI organizes them: a family is one model with numbered versions."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from operator import attrgetter

from lib.serving.models.served_models import ServedModel
from lib.serving.vertex.vertex_errors import vertex_not_found
from lib.serving.vertex.vertex_names import VertexModelName, stable_id

DEFAULT_ALIAS = "default"
_ALIAS = re.compile(r"[a-z][a-zA-Z0-9-]{0,126}[a-z0-9]")
_NUMBER = re.compile(r"([0-9]+)")


@dataclass(frozen=True, slots=True)
class VertexVersion:
    """One version of a model. IDs count from "1"; exactly one version has the alias `default`."""

    model_id: str
    id: str
    aliases: tuple[str, ...]
    served: ServedModel


@dataclass(frozen=True, slots=True)
class VertexModel:
    """A family with at least one version, in the order of their IDs."""

    id: str
    versions: tuple[VertexVersion, ...]

    @property
    def display_name(self) -> str:
        """The name of the family."""
        return self.versions[0].served.family

    @property
    def default(self) -> VertexVersion:
        """The version that a name without a version refers to."""
        return self.versions[0]

    @property
    def created_at(self) -> datetime:
        """Creation time of the oldest version, in UTC."""
        return min(version.served.export.changed_at for version in self.versions)

    @property
    def updated_at(self) -> datetime:
        """Creation time of the newest version, in UTC."""
        return max(version.served.export.changed_at for version in self.versions)


class ModelRegistry:
    """The models, available under every project and region."""

    def __init__(self, served: Sequence[ServedModel]) -> None:
        by_family = groupby(sorted(served, key=attrgetter("family")), key=attrgetter("family"))
        self.models = tuple(_make_model(family, list(versions)) for family, versions in by_family)
        self._models = {model.id: model for model in self.models}

    def get_model(self, name: VertexModelName) -> VertexModel:
        """Return the model with this name; the version is ignored. Raises ApiError."""
        if name.id not in self._models:
            raise vertex_not_found("Model", name.id)
        return self._models[name.id]

    def get_version(self, name: VertexModelName) -> VertexVersion:
        """Return the version with this name. Raises ApiError."""
        model = self.get_model(name)
        wanted = name.version or DEFAULT_ALIAS
        for version in model.versions:
            if wanted == version.id or wanted in version.aliases:
                return version
        raise vertex_not_found("ModelVersion", f"{name.id}@{wanted}")


def _make_model(family: str, served: list[ServedModel]) -> VertexModel:
    model_id = stable_id(f"vertex model {family}")
    ordered = sorted(served, key=lambda model: _natural_order(model.version))
    versions = [
        VertexVersion(model_id, str(number), _aliases(number, model), model) for number, model in enumerate(ordered, 1)
    ]
    return VertexModel(model_id, tuple(versions))


def _natural_order(text: str) -> list[tuple[int, str]]:
    """Return a sort key that compares numbers by value: v2 comes before v10."""
    pieces = _NUMBER.split(text)
    return [(int(piece), "") if index % 2 else (0, piece) for index, piece in enumerate(pieces)]


def _aliases(number: int, served: ServedModel) -> tuple[str, ...]:
    default = (DEFAULT_ALIAS,) if number == 1 else ()
    own = served.version
    return default if own == DEFAULT_ALIAS or not _ALIAS.fullmatch(own) else (*default, own)
