"""Reminds the owners of targets that end soon: once a target, in the audit trail and by e-mail."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from functools import partial

from django.core.mail import send_mail
from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext

from watchfloor.operations.record.models import AuditEntry
from watchfloor.operations.record.services import audit
from watchfloor.operations.targets.models import Target

AHEAD = timedelta(days=14)
_ACTION = "target.expiry_reminded"


def ending(*, now: datetime, ahead: timedelta = AHEAD) -> Sequence[Target]:
    """Return the targets in force that end within `ahead`, the first to end first."""
    return list(
        Target.objects.filter(
            Q(closed_at__isnull=True),
            withdrawn=False,
            effective_from__lte=now,
            effective_to__gt=now,
            effective_to__lte=now + ahead,
        ).order_by("effective_to", "pk")
    )


@transaction.atomic
def remind_of_expiry(*, now: datetime) -> int:
    """Return how many targets' owners were reminded now; each version of a target is told of once."""
    due = ending(now=now)
    told = set(
        AuditEntry.objects.filter(
            action=_ACTION, object_id__in=[f"{one.target_id}:{one.version}" for one in due]
        ).values_list("object_id", flat=True)
    )
    by_owner: dict[str, list[Target]] = {}
    for target in due:
        key = f"{target.target_id}:{target.version}"
        if key in told:
            continue
        by_owner.setdefault(target.owner, []).append(target)
        audit(actor="system", action=_ACTION, object_kind="target", object_id=key, now=now)
    for owner, targets in by_owner.items():
        if "@" in owner:
            transaction.on_commit(partial(_send, owner, targets))
    return sum(len(targets) for targets in by_owner.values())


def _send(owner: str, targets: Sequence[Target]) -> None:
    lines = [
        f"{target.metric_id} {target.kind} {target.value:g}, {target.scope_key or 'everything'}: "
        f"ends {target.effective_to:%Y-%m-%d}"
        for target in targets
    ]
    send_mail(
        gettext("Targets of yours end soon"),
        "\n".join(lines),
        from_email=None,
        recipient_list=[owner],
        fail_silently=True,
    )
