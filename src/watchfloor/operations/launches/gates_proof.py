"""Gates that keep results: tests that ran, plans that were computed, and signatures. Each expires."""

from datetime import timedelta

from django.utils.translation import gettext

from watchfloor.operations.launches.gate import FAIL, PASS, UNKNOWN, Finding, Situation
from watchfloor.operations.launches.models import LaunchCheck
from watchfloor.operations.shell import formats
from watchfloor.operations.shell.refusals import told

LONGEST_VALID = timedelta(days=30)
"""How long a result holds where nothing is changed: what surrounds the queue moves too."""


def _kept(at: Situation, gate: int, *, missing: str, action: str) -> tuple[LaunchCheck | None, Finding]:
    """Return the latest result that still holds; without one, why there is none."""
    check, url = at.checks.get(gate), at.step(gate)
    if check is None:
        return None, Finding(UNKNOWN, missing, action, url)
    when = formats.instant(check.at)
    if check.configuration != at.digest(gate):
        reason = gettext("The configuration has changed since %(when)s.") % {"when": when}
        return None, Finding(UNKNOWN, reason, action, url)
    if check.at < at.now - LONGEST_VALID:
        reason = gettext("The result of %(when)s is older than %(days)s days.") % {
            "when": when,
            "days": LONGEST_VALID.days,
        }
        return None, Finding(UNKNOWN, reason, action, url)
    if check.status != PASS:
        return None, Finding(FAIL, told(check.reason), action, url)
    return check, Finding(PASS, "")


def case_goes_round(at: Situation) -> Finding:
    """Gate 4: a synthetic case went in, to a person, and out to an endpoint."""
    check, found = _kept(
        at,
        4,
        missing=gettext("No synthetic case has gone round yet."),
        action=gettext("Run the round trip."),
    )
    if check is None:
        return found
    return Finding(
        PASS,
        gettext("On %(when)s a synthetic case was enqueued, assigned, submitted and called back.")
        % {"when": formats.instant(check.at)},
    )


def boundary_holds(at: Situation) -> Finding:
    """Gate 5: somebody who must not was refused at every door."""
    check, found = _kept(
        at,
        5,
        missing=gettext("Nobody has tried to get in yet."),
        action=gettext("Run the test of the boundary."),
    )
    if check is None:
        return found
    return Finding(
        PASS,
        gettext("On %(when)s %(count)s attempts were refused, and the one that had to succeed did.")
        % {"when": formats.instant(check.at), "count": len(check.evidence.get("attempts", []))},
    )


def staffing_is_signed(at: Situation) -> Finding:
    """Gate 9: a person signed the forecast, and the chances of a gap and of being in time are good enough."""
    check, found = _kept(
        at,
        9,
        missing=gettext("Nobody has signed the staffing yet."),
        action=gettext("Compute and sign it."),
    )
    if check is None:
        return found
    told = gettext("Signed by %(by)s: %(fte)s full-time people needed, chance of a gap %(gap)s.") % {
        "by": check.by,
        "fte": f"{check.evidence['required_full_time']:.1f}",
        "gap": f"{check.evidence['gap_probability']:.0%}",
    }
    launch = at.launch
    if launch is not None and check.evidence["gap_probability"] > launch.gap_limit:
        return Finding(
            FAIL,
            told + " " + gettext("The limit is %(limit)s.") % {"limit": f"{launch.gap_limit:.0%}"},
            gettext("Plan more people, or take fewer cases."),
            at.step(9),
        )
    wanted = launch.on_time_target if launch else None
    if wanted is not None and check.evidence["on_time_probability"] < wanted:
        return Finding(
            FAIL,
            told
            + " "
            + gettext("Decided in time: %(share)s; the target is %(target)s.")
            % {"share": f"{check.evidence['on_time_probability']:.1%}", "target": f"{wanted:.0%}"},
            gettext("Plan more people, or promise more time."),
            at.step(9),
        )
    return Finding(PASS, told)


def audits_are_planned(at: Situation) -> Finding:
    """Gate 11: the audits a stratum are computed for a half-width, and the queue draws that many."""
    check, found = _kept(
        at,
        11,
        missing=gettext("The audits are not planned yet."),
        action=gettext("Compute the plan and take it over."),
    )
    if check is None:
        return found
    if at.version is None or at.version.audit_share <= 0:
        return Finding(
            FAIL, gettext("The queue draws no audits."), gettext("Take the plan over."), at.step(11)
        )
    return Finding(
        PASS,
        gettext("%(count)s audits over %(strata)s strata, for ±%(half_width)s; the queue draws %(share)s.")
        % {
            "count": check.evidence["audits"],
            "strata": len(check.evidence["strata"]),
            "half_width": f"{check.evidence['half_width']:.1%}",
            "share": f"{at.version.audit_share:.1%}",
        },
    )


def way_back_works(at: Situation) -> Finding:
    """Gate 14: the switch was thrown: the queue stopped serving, and served again."""
    check, found = _kept(
        at,
        14,
        missing=gettext("The way back has not been tested yet."),
        action=gettext("Throw the switch."),
    )
    if check is None:
        return found
    return Finding(
        PASS,
        gettext("On %(when)s the queue was paused, served nobody, and served again.")
        % {"when": formats.instant(check.at)},
    )
