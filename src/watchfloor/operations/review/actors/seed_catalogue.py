"""Writes the demo's policies, labels, templates and queues, each with its versions as they took effect."""

from datetime import datetime, timedelta

from watchfloor.operations.people.models import DataBoundary
from watchfloor.operations.policies.models import Label, Policy, PolicyVersion
from watchfloor.operations.policies.vocabulary import ACTIONS
from watchfloor.operations.queues.models import Queue, QueueVersion, Template, TemplateVersion
from watchfloor.operations.review.actors import AUTHOR
from watchfloor.operations.review.actors.seed_design import seed_procedures, template_parts
from watchfloor.science.simulation import world as simulated

ESCALATION_LEASE_FACTOR = 8
_SHORTEST_LEASE_SECONDS = 600
PLATFORM = "platform"
"""The endpoint of the invented platform whose decisions these are; the demo answers for it."""
_TELLS = dict.fromkeys(("comment-harassment-en", "message-fraud", "video-minor-safety"), PLATFORM)
_GOLD_SHARE = 0.02
_TOPICS = {"video-violence": ("graphic-violence",), "video-minor-safety": ("child-safety",)}


def seed_policies(world: simulated.DemoWorld) -> None:
    """Write the policies with every version and its labels."""
    for described in world.policies:
        policy = Policy.objects.create(
            slug=described.slug,
            name=described.name.en,
            name_zh_hans=described.name.zh_hans,
            owner=AUTHOR,
        )
        ends = [version.effective_from for version in described.versions[1:]]
        for version, ends_at in zip(described.versions, [*ends, None], strict=True):
            written = PolicyVersion.objects.create(
                policy=policy,
                version=version.number,
                state="published" if ends_at is None else "retired",
                text=described.description.en,
                summary=version.summary.en,
                effective_from=version.effective_from,
                effective_to=ends_at,
                published_at=version.effective_from,
                author=AUTHOR,
            )
            _seed_labels(written, described)


def _seed_labels(version: PolicyVersion, policy: simulated.Policy) -> None:
    known = [label for label in policy.labels if label.since_version <= version.version]
    parents: dict[str, Label] = {}
    for label in sorted(known, key=lambda label: label.parent is not None):
        action = label.action if label.action in ACTIONS else "none"
        parents[label.slug] = Label.objects.create(
            policy_version=version,
            code=label.slug,
            name=label.name.en,
            name_zh_hans=label.name.zh_hans,
            text=label.name.en,
            parent=parents.get(label.parent or ""),
            violative=label.violative,
            severity=label.severity,
            action=action,
            dsa_category=(label.dsa_category or "").removeprefix("STATEMENT_CATEGORY_"),
            dsa_keyword=(label.dsa_keyword or "").removeprefix("KEYWORD_"),
        )


def seed_queues(world: simulated.DemoWorld) -> dict[str, Queue]:
    """Return the queues written, by slug, each with its versions and its own template."""
    boundaries = {boundary.slug: boundary for boundary in DataBoundary.objects.all()}
    policies = {
        (version.policy.slug, version.version): version
        for version in PolicyVersion.objects.select_related("policy")
    }
    queues: dict[str, Queue] = {}
    for described in sorted(world.queues, key=lambda each: each.purpose != "training"):
        queue = Queue.objects.create(
            slug=described.slug,
            title=described.title.en,
            title_zh_hans=described.title.zh_hans,
            group=described.group,
            tags=["simulated"],
            surface=described.surface,
            purpose=described.purpose,
            mode=described.mode,
            state=described.state,
            languages=list(described.languages),
            markets=list(described.markets),
            data_boundary=boundaries.get(described.data_boundary or ""),
            owner=described.owner,
            created_at=described.versions[0].effective_from,
        )
        seed_procedures(described, queue)
        for version in described.versions:
            queue.current_version = _seed_version(
                world, described, queue, version, policies, _trains_in(described, version, queues, policies)
            )
        queue.save(update_fields=["current_version"])
        queues[described.slug] = queue
    return queues


def _trains_in(
    described: simulated.Queue,
    version: simulated.QueueVersion,
    queues: dict[str, Queue],
    policies: dict[tuple[str, int], PolicyVersion],
) -> Queue | None:
    """Return the training queue of the same languages that binds the same policy version."""
    if described.purpose != "production":
        return None
    policy = policies[described.policy, version.policy_version]
    for queue in queues.values():
        bound = queue.current_version
        if queue.purpose == "training" and queue.languages == list(described.languages):
            return queue if bound and bound.policy_version_id == policy.pk else None
    return None


def _seed_version(
    world: simulated.DemoWorld,
    described: simulated.Queue,
    queue: Queue,
    version: simulated.QueueVersion,
    policies: dict[tuple[str, int], PolicyVersion],
    trains_in: Queue | None,
) -> QueueVersion:
    policy = policies[described.policy, version.policy_version]
    selectable = {label.slug for label in world.policy(described.policy).labels if label.selectable}
    return QueueVersion.objects.create(
        queue=queue,
        version=version.number,
        policy_version=policy,
        policy_slug=described.policy,
        policy_number=policy.version,
        label_subset=sorted(policy.labels.filter(code__in=selectable).values_list("code", flat=True)),
        template_version=_template_version(described, version),
        sla_seconds={
            **dict(zip(simulated.SEVERITIES, described.sla_seconds, strict=True)),
            "default": described.sla_seconds[-1],
        },
        double_share=described.double_share if described.mode == "sampled_double" else 0.0,
        sop_version=version.sop_version,
        required_skills=[],
        certification_required=described.purpose == "production",
        site_shares=_site_shares(world, described.slug),
        overflow_after=0.02,  # the sites follow the sun: what one leaves for minutes, the next takes
        lease_seconds=int(max(_SHORTEST_LEASE_SECONDS, ESCALATION_LEASE_FACTOR * described.handle_seconds)),
        priority_lift=described.priority_lift,
        wellness_class=described.wellness_class,
        topics=list(_TOPICS.get(described.slug, ())),
        callback_endpoint=_TELLS.get(described.slug, ""),
        gold_share=_GOLD_SHARE if trains_in else 0.0,
        training_queue=trains_in,
        effective_from=version.effective_from,
        effective_to=version.effective_to,
        author=AUTHOR,
        note=version.reason.en,
    )


def _template_version(described: simulated.Queue, version: simulated.QueueVersion) -> TemplateVersion:
    template, _ = Template.objects.get_or_create(
        slug=described.slug, defaults={"name": f"{described.surface.capitalize()} review"}
    )
    written, _ = TemplateVersion.objects.get_or_create(
        template=template,
        version=version.template_version,
        defaults={
            "created_at": version.effective_from - timedelta(days=7),
            "author": AUTHOR,
            **template_parts(surface=described.surface, number=version.template_version),
        },
    )
    return written


def _site_shares(world: simulated.DemoWorld, queue: str) -> dict[str, float]:
    """Return the share of each site among the people trained for the queue; empty when nobody is."""
    people: dict[str, int] = {}
    for person in world.reviewers:
        if person.active and queue in person.queues:
            people[person.site] = people.get(person.site, 0) + 1
    total = sum(people.values())
    return {site: round(count / total, 3) for site, count in sorted(people.items())}


def plan_hours(*, start: datetime, end: datetime) -> list[datetime]:
    """Return the whole hours of the plan: from the hour of `start` up to `end`."""
    hour = start.replace(minute=0, second=0, microsecond=0)
    return [hour + timedelta(hours=step) for step in range(int((end - hour) / timedelta(hours=1)) + 1)]
