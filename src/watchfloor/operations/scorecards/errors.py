"""What can be wrong with a scorecard, a contract or an invoice."""

from watchfloor.kernel import WatchfloorError


class ScorecardError(WatchfloorError):
    """A scorecard, or what is said about one, cannot be written or shown as asked."""


class ContractError(WatchfloorError):
    """A contract cannot be written or published as asked."""


class InvoiceError(WatchfloorError):
    """An invoice file cannot be read; the message names the first cell, `faults` all of them."""

    def __init__(self, message: str, *, remedy: str = "", faults: tuple[str, ...] = ()) -> None:
        super().__init__(message, remedy=remedy)
        self.faults = faults
