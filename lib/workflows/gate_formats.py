"""Results of the release gate for programs: as JSON, and as JUnit XML, which continuous integration systems read."""

import json
import re
from collections.abc import Iterator
from typing import Any
from xml.etree.ElementTree import Element, SubElement, indent, tostring

from lib.domain.pairs import Pair
from lib.domain.predictions import ModelVersion
from lib.stats.comparison import Comparison
from lib.stats.intervals import Interval
from lib.workflows.compare import VersionComparison
from lib.workflows.gate import CheckKind, ExitCode, GateResult

_SUITE = "second-look gate"
# All characters that XML 1.0 does not allow, which file names and labels may have.
_NOT_IN_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
# Many systems show skipped test cases as passed. So an inconclusive check is an error, never skipped.
_ELEMENTS = {ExitCode.FAIL: "failure", ExitCode.INCONCLUSIVE: "error", None: "skipped"}


def format_json(result: GateResult) -> str:
    """Return the result as one JSON object in ASCII, with a line end.

    Shares and differences are from -1 to 1. The estimate and its interval are null while nothing is known of them; the
    estimate is null after an early end, too, because it would be too large on average. The census p-value is null until
    all disagreements were labeled once.
    """
    comparison = result.comparison
    found = {
        "gate": result.code.name.lower(),
        "exit_code": int(result.code),
        "reason": result.reason,
        "verdict": comparison.result.verdict.name.lower(),
        "session": comparison.version_pair.session_id,
        "versions": {
            "baseline": _version_fields(comparison.baseline, comparison.version_pair.baseline),
            "candidate": _version_fields(comparison.candidate, comparison.version_pair.candidate),
        },
        **_count_fields(comparison.result),
        **_difference_fields(comparison.result),
        "margin": comparison.result.margin,
        "threshold": comparison.threshold,
        "near_duplicates": comparison.grouping.name.lower(),
        "missing": comparison.missing_images,
        "failed": result.failed_images,
        "must_not_regress": _set_fields(result),
        "sentences": result.sentences,
    }
    return json.dumps(found, indent=2, allow_nan=False) + "\n"


def _version_fields(name: str, version: ModelVersion) -> dict[str, str]:
    return {"name": name, "provider": version.provider, "model_name": version.model_name, "etag": version.etag}


def _count_fields(result: Comparison) -> dict[str, int]:
    counts = result.prefix.counts
    return {
        "images": result.images,
        "disagreements": result.disagreements,
        "labeled": result.labeled,
        "fixes": int(counts.fixes),
        "regressions": int(counts.regressions),
    }


def _difference_fields(result: Comparison) -> dict[str, Any]:
    is_known = result.images and (result.labeled or not result.disagreements)
    return {
        "estimate": result.estimate,
        "interval": _bounds(result.interval) if is_known else None,
        "sure_bounds": _bounds(result.sure_bounds),
        "p_values": {"early": result.early_p, "census": None if result.prefix.census is None else result.census_p},
    }


def _bounds(interval: Interval) -> dict[str, float]:
    return {"low": float(interval.low), "high": float(interval.high)}


def _set_fields(result: GateResult) -> dict[str, Any]:
    comparison = result.comparison
    return {
        "checked": CheckKind.MUST_NOT_REGRESS in {check.kind for check in result.checks if check.code is not None},
        "open": comparison.open_must_not_regress,
        "regressions": [_regression_fields(comparison, pair) for pair in comparison.blocking_regressions],
    }


def _regression_fields(comparison: VersionComparison, pair: Pair) -> dict[str, Any]:
    return {
        "image": pair.name,
        "sha256": pair.sha256,
        "baseline": pair.baseline.label_at(comparison.threshold),
        "candidate": pair.candidate.label_at(comparison.threshold),
        "true_labels": None if pair.true_label is None else list(pair.true_label.labels),
    }


def format_junit(result: GateResult) -> bytes:
    """Return the result as a JUnit XML file with one test suite.

    It has a test case for each check; regressions in the must-not-regress set have one each.
    """
    comparison = result.comparison
    suite = Element("testsuite", name=_SUITE)
    properties = SubElement(suite, "properties")
    for name, value in _describe_settings(comparison):
        SubElement(properties, "property", name=name, value=_clean(value))
    for check in result.checks:
        if check.kind is CheckKind.MUST_NOT_REGRESS and check.code is ExitCode.FAIL:
            for pair in comparison.blocking_regressions:
                name = f"{check.kind.value}: {pair.name}"
                _add_case(suite, name, check.code, _describe_regression(comparison, pair))
        else:
            _add_case(suite, check.kind.value, check.code, check.message)
    SubElement(suite, "system-out").text = _clean("\n".join(result.sentences))
    return _write(suite)


def format_junit_error(message: str) -> bytes:
    """Return a JUnit XML file of a gate that has no result."""
    suite = Element("testsuite", name=_SUITE)
    _add_case(suite, CheckKind.VERDICT.value, ExitCode.INCONCLUSIVE, message)
    return _write(suite)


def _describe_settings(comparison: VersionComparison) -> Iterator[tuple[str, str]]:
    yield "session", comparison.version_pair.session_id or ""
    yield "baseline", f"{comparison.baseline} ({comparison.version_pair.baseline.model_name})"
    yield "candidate", f"{comparison.candidate} ({comparison.version_pair.candidate.model_name})"
    yield "margin", f"{comparison.result.margin:g}"
    yield "threshold", f"{comparison.threshold:g}"
    yield "near-duplicates", comparison.grouping.name.lower()


def _describe_regression(comparison: VersionComparison, pair: Pair) -> str:
    baseline, candidate = (
        prediction.label_at(comparison.threshold) or "no label" for prediction in (pair.baseline, pair.candidate)
    )
    predicted = f"{comparison.baseline} predicts {baseline}, {comparison.candidate} predicts {candidate}"
    return f"{predicted}. True label: {pair.true_label}."


def _add_case(suite: Element, name: str, code: ExitCode | None, message: str) -> None:
    case = SubElement(suite, "testcase", classname=_SUITE, name=_clean(name))
    if code is not ExitCode.PASS:
        SubElement(case, _ELEMENTS[code], message=_clean(message))


def _write(suite: Element) -> bytes:
    suite.set("tests", str(len(suite.findall("testcase"))))
    for attribute, element in (("failures", "failure"), ("errors", "error"), ("skipped", "skipped")):
        suite.set(attribute, str(len(suite.findall(f"testcase/{element}"))))
    root = Element("testsuites")
    root.append(suite)
    indent(root)
    content: bytes = tostring(root, encoding="utf-8", xml_declaration=True)
    return content


def _clean(text: str) -> str:
    return _NOT_IN_XML.sub("\N{REPLACEMENT CHARACTER}", text)
