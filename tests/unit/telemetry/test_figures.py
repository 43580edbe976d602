"""Figures as Prometheus reads them."""

from lib.telemetry.metrics import MOST_VERSIONS, OTHER, count_prediction, count_statement, format_metrics
from tests.builders.figures import STATE, parse_figures, read_figure

HOSTILE = ['v"1"} 9\nforged_metric 1', "back\\slash", "\ud800 alone", "\x00\x1b[31m", "x" * 10_000, "ü 日本"]


def test_names_of_strangers_neither_break_the_format_nor_grow_without_end() -> None:
    before = read_figure("second_look_predictions_total", provider="vertex")

    for name in [*HOSTILE, *map(str, range(1000))]:
        count_prediction("vertex", name, "ok", duration_s=0.1)

    samples = list(parse_figures(format_metrics(STATE).decode()))
    versions = {sample.labels["version"] for sample in samples if "version" in sample.labels}
    assert "forged_metric" not in {sample.name for sample in samples}
    assert len(versions) == MOST_VERSIONS + 1
    assert OTHER in versions
    assert all(len(name) <= 80 and name.isprintable() for name in versions)
    assert read_figure("second_look_predictions_total", provider="vertex") == before + len(HOSTILE) + 1000


def test_statements_are_counted_by_their_verb_alone() -> None:
    verbs = ("insert", "begin", "other", "select")
    before = [read_figure("second_look_database_seconds_count", statement=verb) for verb in verbs]

    for sql in ("INSERT INTO a VALUES (1)", "  insert into b", "BEGIN IMMEDIATE", "PRAGMA x", "", "SELECT\n1"):
        count_statement(sql, duration_s=0.002)

    after = [read_figure("second_look_database_seconds_count", statement=verb) for verb in verbs]
    assert [late - early for early, late in zip(before, after, strict=True)] == [2, 1, 2, 1]


def test_the_state_of_the_server_is_the_one_of_now() -> None:
    assert read_figure("second_look_queue", kind="prediction") == 3
    assert read_figure("second_look_jobs", kind="prediction", state="running") == 1
    assert read_figure("second_look_sessions", state="active") == 2
    assert read_figure("second_look_workers", kind="image") == 4
