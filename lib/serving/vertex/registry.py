"""The models that there are: a family is one model of Vertex AI, whose versions are numbered."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby

from lib.serving.models.served_models import ServedModel
from lib.serving.vertex.vertex_errors import not_found
from lib.serving.vertex.vertex_names import ModelName, stable_id

DEFAULT_ALIAS = "default"
_ALIAS = re.compile(r"[a-z][a-zA-Z0-9-]{0,126}[a-z0-9]")
_NUMBER = re.compile(r"([0-9]+)")


@dataclass(frozen=True, slots=True)
class Version:
    """One version of a model. `id` counts from "1"; `aliases` name it too, and one version is `default`."""

    model_id: str
    id: str
    aliases: tuple[str, ...]
    served: ServedModel


@dataclass(frozen=True, slots=True)
class Model:
    """A family, with at least one version, in the order of their ids."""

    id: str
    versions: tuple[Version, ...]

    @property
    def display_name(self) -> str:
        """The name of the family's folder."""
        return self.versions[0].served.family

    @property
    def default(self) -> Version:
        """The version that is meant where none is named."""
        return self.versions[0]

    @property
    def created_at(self) -> datetime:
        """When the first of the versions came to be, in UTC."""
        return min(version.served.export.changed_at for version in self.versions)

    @property
    def updated_at(self) -> datetime:
        """When the last of the versions came to be, in UTC."""
        return max(version.served.export.changed_at for version in self.versions)


class Registry:
    """The models, under any project and region."""

    def __init__(self, served: Sequence[ServedModel]) -> None:
        by_family = groupby(sorted(served, key=lambda each: each.family), key=lambda each: each.family)
        self.models = tuple(_model(family, list(versions)) for family, versions in by_family)
        self._models = {model.id: model for model in self.models}

    def get_model(self, name: ModelName) -> Model:
        """The model of this name, whatever the version. Raises Refused."""
        if name.id not in self._models:
            raise not_found("Model", name.id)
        return self._models[name.id]

    def get_version(self, name: ModelName) -> Version:
        """The version of this name. Raises Refused."""
        model = self.get_model(name)
        wanted = name.version or DEFAULT_ALIAS
        for version in model.versions:
            if wanted == version.id or wanted in version.aliases:
                return version
        raise not_found("ModelVersion", f"{name.id}@{wanted}")


def _model(family: str, served: list[ServedModel]) -> Model:
    model_id = stable_id(f"vertex model {family}")
    ordered = sorted(served, key=lambda each: _natural_order(each.version))
    versions = [Version(model_id, str(number), _aliases(number, each), each) for number, each in enumerate(ordered, 1)]
    return Model(model_id, tuple(versions))


def _natural_order(text: str) -> list[tuple[int, str]]:
    """Numbers count as numbers: v2 comes before v10."""
    pieces = _NUMBER.split(text)
    return [(int(piece), "") if index % 2 else (0, piece) for index, piece in enumerate(pieces)]


def _aliases(number: int, served: ServedModel) -> tuple[str, ...]:
    default = (DEFAULT_ALIAS,) if number == 1 else ()
    own = served.version
    return default if own == DEFAULT_ALIAS or not _ALIAS.fullmatch(own) else (*default, own)
