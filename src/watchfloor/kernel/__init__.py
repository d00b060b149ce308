"""The words every room uses: periods, rates, estimates, scopes, ids, errors. Standard library only."""

from watchfloor.kernel.errors import WatchfloorError
from watchfloor.kernel.estimates import Estimate, Rate
from watchfloor.kernel.ids import new_id
from watchfloor.kernel.names import nearest
from watchfloor.kernel.periods import Period, PeriodError, parse_instant, parse_period
from watchfloor.kernel.scopes import Scope

__all__ = [
    "Estimate",
    "Period",
    "PeriodError",
    "Rate",
    "Scope",
    "WatchfloorError",
    "nearest",
    "new_id",
    "parse_instant",
    "parse_period",
]
