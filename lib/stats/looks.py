"""What it costs to look again and again until a difference is significant."""

import numpy as np

# Source: Armitage, McPherson & Rowe (1969), J. R. Statist. Soc. A 132:235, table 2, for tests at 5 %.
_LOOKS = (1, 2, 3, 4, 5, 10, 20, 50)
_FALSE_ALARMS = (0.05, 0.083, 0.107, 0.126, 0.142, 0.193, 0.248, 0.320)


def false_alarm(looks: int) -> float:
    """Chance that at least one of so many looks at growing data is significant at 5 % where nothing differs.

    Between the published numbers of looks it is read off a line; beyond 50 it is that of 50.
    """
    return float(np.interp(looks, _LOOKS, _FALSE_ALARMS))
