"""Probes: which results are stored for images, versions and perturbations, and which are missing."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import median

from lib.domain.images import Image
from lib.domain.predictions import ModelVersion, Prediction, ProbeResult, Record
from lib.images.perturbations import Perturbation
from lib.store import Store

# Measured on one core, with photographs of 12 megapixels; good enough to say "seconds" or "minutes".
_ALTERING_S_PER_MEGAPIXEL = 0.02


@dataclass(frozen=True, slots=True)
class ProbeTask:
    """An image to be altered in one way, and the versions whose answer about that is missing."""

    image: Image
    perturbation: Perturbation
    versions: tuple[ModelVersion, ...]


@dataclass(frozen=True, slots=True)
class Probe:
    """What is known of altered images. `before` holds the answers about the images as they were.

    Both mappings know an image by its SHA-256; `results` has perturbations by their keys.
    """

    images: tuple[Image, ...]
    versions: tuple[ModelVersion, ...]
    perturbations: tuple[Perturbation, ...]
    before: Mapping[tuple[str, ModelVersion], Record]
    results: Mapping[tuple[str, ModelVersion, str], ProbeResult]

    def find_missing_tasks(self) -> list[ProbeTask]:
        """Return the missing tasks by perturbation, so that each perturbation is soon complete for all images."""
        found = (
            ProbeTask(image, perturbation, self._find_missing(image.sha256, perturbation))
            for perturbation in self.perturbations
            for image in self.images
        )
        return [task for task in found if task.versions]

    def find_changes(
        self, version: ModelVersion, images: Sequence[Image], perturbations: Sequence[Perturbation]
    ) -> list[tuple[Prediction, Prediction]]:
        """Return the predictions of the version before and after each perturbation, where both are stored."""
        found = (
            (self.find_before(image.sha256, version), self.find_after(image.sha256, version, perturbation.key))
            for image in images
            for perturbation in perturbations
        )
        return [(before, after) for before, after in found if before and after]

    def find_before(self, sha256: str, version: ModelVersion) -> Prediction | None:
        """What the version said of the image as it was."""
        record = self.before.get((sha256, version))
        return record.outcome if record and isinstance(record.outcome, Prediction) else None

    def find_after(self, sha256: str, version: ModelVersion, perturbation_key: str) -> Prediction | None:
        """What the version said of the altered image."""
        result = self.results.get((sha256, version, perturbation_key))
        return result.outcome if result and isinstance(result.outcome, Prediction) else None

    def find_failures(self) -> list[str]:
        """Why calls failed: each reason once."""
        failures = (result.outcome for result in self.results.values() if not isinstance(result.outcome, Prediction))
        return list(dict.fromkeys(failure.message for failure in failures))

    def _find_missing(self, sha256: str, perturbation: Perturbation) -> tuple[ModelVersion, ...]:
        return tuple(
            version
            for version in self.versions
            if self.find_before(sha256, version) and not self.find_after(sha256, version, perturbation.key)
        )


def find_probe(
    store: Store,
    session_id: str,
    images: Sequence[Image],
    versions: Sequence[ModelVersion],
    perturbations: Sequence[Perturbation],
) -> Probe:
    """Read what is stored for these images, versions and perturbations."""
    sha256s = [image.sha256 for image in images]
    keys = {perturbation.key for perturbation in perturbations}
    records = store.predictions.find(sha256s, versions, session_id=session_id)
    results = [result for result in store.probes.find(session_id, sha256s, versions) if result.perturbation in keys]
    return Probe(
        tuple(images),
        tuple(versions),
        tuple(perturbations),
        {(record.sha256, record.version): record for record in records},
        {(result.sha256, result.version, result.perturbation): result for result in results},
    )


def expect_s(probe: Probe, tasks: Sequence[ProbeTask], at_once: int) -> float:
    """About how many seconds the tasks take, with so many `at_once`: from the latencies of the answers so far."""
    usual_s = {version: _usual_latency_s(probe, version) for version in probe.versions}
    asking_s = sum(usual_s[version] for task in tasks for version in task.versions)
    megapixels = sum(task.image.width_px * task.image.height_px for task in tasks) / 1e6
    return (asking_s + megapixels * _ALTERING_S_PER_MEGAPIXEL) / at_once


def _usual_latency_s(probe: Probe, version: ModelVersion) -> float:
    latencies_s = [record.latency_s for (_, asked), record in probe.before.items() if asked == version]
    return median(latencies_s) if latencies_s else 0.0
