"""How long to wait for a service."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Patience:
    """Seconds: a call ends after `answer_within_s`; one that may pass is made again for `retry_for_s` (0: never)."""

    answer_within_s: float = 60
    retry_for_s: float = 10
