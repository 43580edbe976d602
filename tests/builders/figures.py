"""Figures of this process, read as Prometheus reads them."""

from collections.abc import Iterator

from prometheus_client.parser import text_string_to_metric_families
from prometheus_client.samples import Sample

from lib.telemetry.metrics import ServerState, format_metrics

STATE = ServerState(
    queue={"prediction": 3},
    jobs={("prediction", "running"): 1},
    sessions={"active": 2},
    workers={"image": 4},
)


def parse_figures(text: str) -> Iterator[Sample]:
    """The samples in Prometheus's text format."""
    return (sample for family in text_string_to_metric_families(text) for sample in family.samples)


def sum_figures(text: str, name: str, **labels: str) -> float:
    """The sum of the samples of this name that have these labels."""
    return sum(
        each.value for each in parse_figures(text) if each.name == name and labels.items() <= each.labels.items()
    )


def read_figure(name: str, **labels: str) -> float:
    """The sum of this process's samples of this name that have these labels."""
    return sum_figures(format_metrics(STATE).decode(), name, **labels)
