"""What is planted in the demo operation: the causes with their true sizes, and the changes on record.

Each true cause leaves a change in the operation's log, as it would in life, except the vendor's drift, which
nobody recorded. Distractors are changes that did nothing.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from watchfloor.science.simulation.world import Cause, Change, Text

OUTAGE_FACTOR = 6.0
DRIFT_FACTOR = 1.2
LAUNCH_FACTOR = 1.18
LAUNCH_SHIFT = 0.05
TEMPLATE_FACTOR = 0.84


@dataclass(frozen=True, slots=True)
class Calendar:
    """The instants of the planted causes, placed between the start and the end of the history."""

    start: datetime
    end: datetime

    def at(self, share: float) -> datetime:
        """Return about 09:00 UTC of the day at `share` of the history, whole hours after its start."""
        day = self.start + timedelta(days=round((self.end - self.start) / timedelta(days=1) * share))
        return min(day + timedelta(hours=(9 - day.hour) % 24), self.end - timedelta(hours=1))

    @property
    def harassment_launch_at(self) -> datetime:
        """When harassment policy version 4 takes effect."""
        return self.at(0.55)

    @property
    def template_at(self) -> datetime:
        """When accounts get their new template."""
        return self.at(0.38)

    @property
    def sweep_ends_at(self) -> datetime:
        """When the keyword sweep ends."""
        return self.at(0.72)

    @property
    def cohort_at(self) -> datetime:
        """When ten beginners join in Casablanca, to replace ten experienced people."""
        return self.at(0.45)

    @property
    def handed_over_at(self) -> datetime:
        """When those they replace leave: once the beginners are trained."""
        return min(self.cohort_at + timedelta(days=7), self.end)

    @property
    def drift_from(self) -> datetime:
        """When handle time in Manila begins to rise."""
        return self.at(0.65)

    @property
    def outage_from(self) -> datetime:
        """When the video classifier begins to flood the short-video queue."""
        return max(self.end - timedelta(hours=27), self.start)

    @property
    def outage_to(self) -> datetime:
        """When the video classifier is repaired."""
        return max(self.end - timedelta(hours=7), self.outage_from + timedelta(hours=1))


def demo_causes(calendar: Calendar) -> tuple[Cause, ...]:
    """Return six true causes, then five distractors."""
    return (*_true_causes(calendar), *_distractors(calendar))


def _true_causes(calendar: Calendar) -> tuple[Cause, ...]:
    return (
        Cause(
            id="policy-launch-harassment",
            kind="policy_launch",
            from_at=calendar.harassment_launch_at,
            to_at=None,
            scope=(("queue", ("comment-harassment-en", "comment-harassment-es", "message-reports-eu")),),
            metrics=("aht", "label_rate", "backlog", "tat_p90"),
            summary=Text(
                "Harassment policy version 4: a new label, longer decisions, more violations found.",
                "骚扰政策第 4 版：新增标签，判定用时变长，违规占比上升。",
            ),
            handle_factor=LAUNCH_FACTOR,
            violative_shift=LAUNCH_SHIFT,
        ),
        Cause(
            id="model-outage-short-feed",
            kind="model_outage",
            from_at=calendar.outage_from,
            to_at=calendar.outage_to,
            scope=(
                ("queue", ("video-short-feed",)),
                ("strategy", ("video-classifier",)),
                ("language", ("en",)),
            ),
            metrics=("intake", "backlog", "backlog_age", "sla_attainment", "occupancy", "strategy_yield"),
            summary=Text(
                "A faulty video classifier sends short video six times its English volume.",
                "视频分类模型故障，向短视频队列推送六倍于平时的英语案件。",
            ),
            volume_factor=OUTAGE_FACTOR,
        ),
        Cause(
            id="vendor-drift-manila",
            kind="vendor_handle_time_drift",
            from_at=calendar.drift_from,
            to_at=None,
            scope=(("site", ("manila",)),),
            metrics=("aht", "throughput", "occupancy", "backlog"),
            summary=Text(
                "Handle time at the Manila site rises week by week.",
                "马尼拉站点的处理时长逐周上升。",
            ),
            handle_factor=DRIFT_FACTOR,
            ramp_seconds=(calendar.end - calendar.drift_from).total_seconds(),
        ),
        Cause(
            id="template-accounts",
            kind="template_change",
            from_at=calendar.template_at,
            to_at=None,
            scope=(("queue", ("account-impersonation",)),),
            metrics=("aht", "throughput", "backlog"),
            summary=Text(
                "Evidence side by side shortens account reviews.", "并排展示证据，缩短账号审核用时。"
            ),
            handle_factor=TEMPLATE_FACTOR,
        ),
        Cause(
            id="strategy-end-keyword-sweep",
            kind="strategy_end",
            from_at=calendar.sweep_ends_at,
            to_at=None,
            scope=(("queue", ("search-harmful-results",)), ("strategy", ("keyword-sweep",))),
            metrics=("intake", "backlog", "strategy_yield"),
            summary=Text("The keyword sweep is ended for its low yield.", "关键词巡查因产出低而终止。"),
            volume_factor=0.0,
        ),
        Cause(
            id="cohort-casablanca",
            kind="hiring_cohort",
            from_at=calendar.cohort_at,
            to_at=None,
            scope=(("site", ("casablanca",)), ("team", ("cas-ar-a",))),
            metrics=("aht", "throughput", "tat_p90", "tenure"),
            summary=Text(
                "Ten beginners in Arabic join; after their week of training ten experienced people leave.",
                "十名阿语新人入职，培训一周后接替十名离职的资深审核员。",
            ),
        ),
    )


# object kind | share of the history | queue | English | Chinese
_DISTRACTORS = """
sop | 0.30 | comment-hate-zh-ar-id | SOP examples reworded. | 标准流程示例措辞更新。
template | 0.50 | live-realtime | Template colours changed. | 模板配色调整。
model | 0.60 | message-fraud | Scheduled model refresh. | 模型例行更新。
roster | 0.80 | account-age-eu | Shift names tidied. | 班次名称整理。
policy | 0.86 | search-regulated-goods | Spelling corrected. | 政策文字勘误。
"""

# cause | object kind | object | version | what happened | author | detail
_RECORDED = """
policy-launch-harassment | policy | harassment | 4 | changed | policy-lead | 3 → 4
model-outage-short-feed | model | video-classifier | | incident | on-call | volume alert
template-accounts | template | account-impersonation | 2 | changed | workflow | 1 → 2
strategy-end-keyword-sweep | strategy | keyword-sweep | | retired | strategist | share 0.24 → 0
cohort-casablanca | roster | cas-ar-a | | changed | site-lead | 10 left, 10 joined
"""


def _rows(table: str) -> list[list[str]]:
    return [[cell.strip() for cell in line.split("|")] for line in table.strip().splitlines()]


def _distractors(calendar: Calendar) -> tuple[Cause, ...]:
    return tuple(
        Cause(
            id=f"distractor-{kind}-{queue}",
            kind=f"{kind}_change",
            from_at=calendar.at(float(share)),
            to_at=None,
            scope=(("queue", (queue,)),),
            metrics=(),
            summary=Text(english, chinese),
            distractor=True,
        )
        for kind, share, queue, english, chinese in _rows(_DISTRACTORS)
    )


def demo_changes(causes: tuple[Cause, ...]) -> tuple[Change, ...]:
    """Return the change log, oldest first: two entries for the outage, none for the unnoticed drift."""
    recorded = {row[0]: row[1:] for row in _rows(_RECORDED)}
    changes = []
    for cause in causes:
        if cause.distractor:
            kind = cause.kind.removesuffix("_change")
            entry = [kind, cause.scope[0][1][0], "", "changed", "workflow", ""]
        elif cause.id in recorded:
            entry = recorded[cause.id]
        else:
            continue
        changes.append(_change(cause, entry=entry))
        if cause.to_at is not None:
            changes.append(_change(cause, entry=[*entry[:3], "recovered", *entry[4:]], recovered=True))
    return tuple(sorted(changes, key=lambda change: (change.at, change.id)))


def _change(cause: Cause, *, entry: list[str], recovered: bool = False) -> Change:
    object_kind, object_id, version, kind, author, detail = entry
    return Change(
        id=f"{cause.id}-recovered" if recovered else cause.id,
        object_kind=object_kind,
        object_id=object_id,
        object_version=int(version) if version else None,
        kind=kind,
        at=cause.to_at if recovered and cause.to_at else cause.from_at,
        author=author,
        summary=Text("The classifier is repaired.", "分类模型已修复。") if recovered else cause.summary,
        detail=(("change", detail),) if detail else (),
        cause=cause.id,
    )
