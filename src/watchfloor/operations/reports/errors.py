"""What a report refuses."""

from watchfloor.kernel import WatchfloorError


class ReportError(WatchfloorError):
    """A report cannot be made, frozen or published like this.

    ReportError
    ├── ReportStateError     its state does not allow it
    ├── ReportFindingsError  the rules find errors in it
    └── ReportReachError     its maker does not see the whole operation
    """


class ReportStateError(ReportError):
    """The report's state does not allow it."""

    status = 409


class ReportFindingsError(ReportError):
    """The rules find errors in the report."""

    status = 422


class ReportReachError(ReportError):
    """Whoever makes a report must see the whole operation: a part of it would be filed as the whole."""

    status = 403
