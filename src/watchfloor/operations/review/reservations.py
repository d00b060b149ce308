"""Cases that wait for one person: what becomes of them when the person leaves."""

from watchfloor.operations.review.models import Held, Pending


def cancel_reservations(*, reviewer_id: int) -> int:
    """Return how many cases that waited for a person who left now wait for anybody."""
    freed = Pending.objects.filter(reserved_for=reviewer_id).update(reserved_for=None, reserved_until=None)
    freed += Held.objects.filter(reserved_for=reviewer_id).update(reserved_for=None, reserved_until=None)
    return freed
