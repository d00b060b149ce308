"""What can go wrong in quality.

QualityError
├── GoldError              a golden case cannot be nominated, adjudicated or ended as asked
├── NotIndependentError    the person worked on the case before, or spoke already
├── TrainingError          a training or a certification cannot be given as asked
├── DesignError            a sampling design is wrong; it says how
├── AuditError             an audit cannot be recorded as asked
├── AuditRestsError        the auditor's exposure limit is reached; somebody else takes it
├── AuditTakenError        somebody else has the audit, or it is done
└── DisputeError           the dispute does not stand where the act would need it
"""

from watchfloor.kernel import WatchfloorError


class QualityError(WatchfloorError):
    """Something about quality cannot be done as asked."""


class GoldError(QualityError):
    """A golden case cannot be nominated, adjudicated or ended as asked."""


class NotIndependentError(QualityError):
    """The person worked on the case before, or spoke already; somebody else must judge it."""

    status = 403


class TrainingError(QualityError):
    """A training or a certification cannot be given as asked."""


class DesignError(QualityError):
    """A sampling design is wrong."""


class AuditError(QualityError):
    """An audit cannot be recorded as asked."""


class AuditTakenError(QualityError):
    """Somebody else has the audit, or it is done; nothing was written."""

    status = 409


class AuditRestsError(QualityError):
    """The auditor's own exposure limit is reached; the audit waits for somebody else."""

    status = 409


class DisputeError(QualityError):
    """The dispute does not stand where the act would need it."""

    status = 409
