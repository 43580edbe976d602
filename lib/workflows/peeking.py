"""Who looks again and again until a difference is significant will find one."""

from datetime import datetime

from lib.domain.pairs import VerdictReading
from lib.stats.comparison import Verdict
from lib.stats.descriptions import say_share
from lib.stats.paired_tests import false_alarm
from lib.store import Store
from lib.workflows.contest import Contest

_SETTLED = {Verdict.BETTER, Verdict.WORSE}


def note_reading(store: Store, contest: Contest, at: datetime) -> str | None:
    """Note that the verdict is read; gives a word of warning where it settled only after several looks.

    A look counts when the number of known labels has grown since the one before.
    """
    comparison = contest.comparison
    if not comparison.labelled:
        return None
    earlier = store.find_verdict_readings(contest.matchup)
    if comparison.labelled not in {reading.labelled for reading in earlier}:
        store.add_verdict_reading(contest.matchup, VerdictReading(comparison.labelled, comparison.p), at)
    looks = 1 + sum(reading.labelled < comparison.labelled for reading in earlier)
    if looks == 1 or comparison.verdict not in _SETTLED:
        return None
    return (
        f"This is look {looks} at a growing number of known labels. Who looks that often finds a difference where there"
        f" is none in {say_share(false_alarm(looks))} of all cases, not in 5 %. Decide how many images to label before"
        " looking again."
    )
