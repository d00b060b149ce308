"""How arrivals breathe over the day and the week, by the waking hours of a language's users."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray

from watchfloor.science.simulation.world import Language

# Share of activity by local hour, 0 to 23: low before dawn, a shoulder at noon, a peak in the evening.
DAY_PROFILE = np.array(
    [0.72, 0.52, 0.40, 0.34, 0.33, 0.38, 0.52, 0.70, 0.85, 0.95, 1.02, 1.10,
     1.18, 1.14, 1.08, 1.08, 1.12, 1.20, 1.32, 1.46, 1.56, 1.52, 1.32, 1.00]
)  # fmt: skip
DAY_PROFILE /= DAY_PROFILE.mean()

# Factor by local weekday, Monday first.
WEEK_PROFILE = np.array([0.96, 0.95, 0.96, 0.98, 1.02, 1.08, 1.05])
WEEK_PROFILE /= WEEK_PROFILE.mean()


def hourly_profile(language: Language, *, first_hour: datetime, hours: int) -> NDArray[np.float64]:
    """Return the arrival factor of each UTC hour from `first_hour`, with mean about 1 over a week.

    Args:
        language: Its zones and their weights say when its users are awake.
        first_hour: Aware instant, on the hour.
        hours: Number of hours.

    Returns:
        Array of shape (hours,), dimensionless.

    Notes:
        Daylight saving follows each zone; the offset is looked up once a day, which is exact on all days but
        the two of the change.

    """
    factors = np.zeros(hours)
    stamps = np.arange(hours)
    for zone_name, weight in language.zones:
        zone = ZoneInfo(zone_name)
        for day_start in range(0, hours, 24):
            local = (first_hour + timedelta(hours=day_start)).astimezone(zone)
            block = stamps[day_start : day_start + 24] - day_start
            clock = local.hour + local.minute / 60 + block
            day_factor = np.interp(clock % 24, np.arange(25) + 0.0, np.append(DAY_PROFILE, DAY_PROFILE[0]))
            weekday = (local.weekday() + (clock // 24).astype(int)) % 7
            factors[day_start : day_start + 24] += weight * day_factor * WEEK_PROFILE[weekday]
    return factors


def weekly_profile(language: Language, *, start: datetime) -> NDArray[np.float64]:
    """Return the 168 hourly factors of the UTC week that begins on the Monday before `start`."""
    monday = (start - timedelta(days=start.weekday())).replace(hour=0, minute=0, second=0, microsecond=0)
    return hourly_profile(language, first_hour=monday, hours=168)
