"""What a trial says against its promotion: queues ask it before a change is approved.

A template that was shown to be worse than the queue's limits, by its interval, does not become the one in
force unless an approver says why. Too few reviews to tell hold nothing up. The limits are those in force, so
that a change cannot loosen its own.
"""

from django.conf import settings

from watchfloor.operations.cells.warehouse import store_of
from watchfloor.operations.insights.template_trial import compare_in, promoted_trial, trial_faults
from watchfloor.operations.queues.change_guards import Change


def against_promotion(change: Change) -> list[str]:
    """Return where the template that the change promotes did worse on trial than the limits allow."""
    promoted = change.after.template_version
    if promoted is None or promoted.pk == change.before.template_version_id:
        return []
    tried = promoted_trial(queue=change.queue, promoted=promoted)
    if tried is None:
        return []
    first, ended = tried
    compared = compare_in(
        version=first,
        since=first.effective_from,
        snapshot=store_of(settings.WATCHFLOOR_OPERATION).snapshot(),
        now=min(ended, change.now),
    )
    return trial_faults(compared, limits=change.before)
