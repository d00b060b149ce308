"""What keeps a configuration from being taken, and a queue from a state. Sentences for people."""

from watchfloor.operations.people.models import Site, Skill
from watchfloor.operations.policies.models import Label
from watchfloor.operations.policies.vocabulary import SEVERITIES
from watchfloor.operations.queues.design_faults import LONGEST_SLA_SECONDS, design_faults
from watchfloor.operations.queues.models import STATES, WELLNESS_CLASSES, Queue, QueueVersion


def version_faults(version: QueueVersion) -> list[str]:
    """Return what is wrong with the settings, one sentence each; empty when they fit."""
    return [
        *_sla_faults(version),
        *_policy_faults(version),
        *_routing_faults(version),
        *_number_faults(version),
        *design_faults(version),
    ]


def state_faults(queue: Queue, to: str) -> list[str]:
    """Return what a queue still lacks for a state, one sentence each."""
    rank, version = STATES.index(to), queue.current_version
    if to in {"draft", "retired"}:
        return []
    if version is None:
        return ["It has no configuration."]
    faults = []
    if rank >= STATES.index("policy_bound"):
        if version.policy_version is None:
            faults.append("No policy version is bound.")
        elif version.policy_version.state == "draft":
            faults.append(f"The bound {version.policy_slug} v{version.policy_number} is still a draft.")
    if rank >= STATES.index("template_aligned") and version.template_version is None:
        faults.append("No template is chosen.")
    return faults


def _sla_faults(version: QueueVersion) -> list[str]:
    faults = []
    for severity, seconds in version.sla_seconds.items():
        if severity not in {*SEVERITIES, "default"}:
            faults.append(f"The SLA names severity {severity!r}; use {', '.join(SEVERITIES)} or default.")
        elif not isinstance(seconds, int | float) or not 0 < seconds <= LONGEST_SLA_SECONDS:
            faults.append(f"The SLA of {severity} is {seconds!r}; give seconds, at most a year.")
    if "default" not in version.sla_seconds and set(SEVERITIES) - set(version.sla_seconds):
        faults.append("The SLA leaves severities without seconds; name them all or add default.")
    return faults


def _policy_faults(version: QueueVersion) -> list[str]:
    if not version.label_subset:
        return []
    if version.policy_version is None:
        return ["A label subset needs a policy version."]
    known = set(
        Label.objects.filter(policy_version=version.policy_version, code__in=version.label_subset)
        .order_by("code")
        .values_list("code", flat=True)
    )
    missing = sorted(set(version.label_subset) - known)
    return [f"Labels {', '.join(missing)} are not in the bound policy."] if missing else []


def _routing_faults(version: QueueVersion) -> list[str]:
    faults = []
    skills = set(Skill.objects.filter(slug__in=version.required_skills).values_list("slug", flat=True))
    if missing := sorted(set(version.required_skills) - skills):
        faults.append(f"There is no skill {', '.join(missing)}.")
    sites = set(Site.objects.filter(slug__in=list(version.site_shares)).values_list("slug", flat=True))
    if missing := sorted(set(version.site_shares) - sites):
        faults.append(f"There is no site {', '.join(missing)}.")
    if any(not 0 <= share <= 1 for share in version.site_shares.values()):
        faults.append("A site's share lies outside 0 to 1.")
    if version.certification_required and version.policy_version is None:
        faults.append("Certification is asked for, but no policy version is bound.")
    escalation = version.escalation_queue
    if escalation is not None:
        boundary = version.queue.data_boundary_id
        if escalation.pk == version.queue_id:
            faults.append("A queue cannot escalate to itself.")
        elif boundary is not None and escalation.data_boundary_id != boundary:
            faults.append("The escalation queue lies outside the data boundary.")
    return faults


def _number_faults(version: QueueVersion) -> list[str]:
    faults = []
    if not 0 <= version.double_share <= 1:
        faults.append(f"The double share is {version.double_share}; it lies between 0 and 1.")
    if not 10 <= version.lease_seconds <= 86400:
        faults.append(f"A lease of {version.lease_seconds} s is refused; give 10 s to a day.")
    if not 0 <= version.priority_lift < len(SEVERITIES):
        faults.append(
            f"A lift of {version.priority_lift} classes is refused; give 0 to {len(SEVERITIES) - 1}."
        )
    if version.wellness_class not in WELLNESS_CLASSES:
        faults.append(f"Wellness class {version.wellness_class!r} is none of {', '.join(WELLNESS_CLASSES)}.")
    return faults
