"""The words in which a simulated operation is described: frozen, pure, with every effect stated.

A `DemoWorld` says what exists (policies, queues, people) and what is planted (causes). Building the demo's
own world is `demo_world`; running it is `engine` and `history`; continuing it in the present is `live`.
Instants are aware UTC; shares lie in [0, 1]; factors multiply.
"""

from dataclasses import dataclass
from datetime import date, datetime

SEVERITIES = ("critical", "high", "medium", "low")
LANGUAGE_CODES = ("en", "es", "zh", "ar", "pt", "id")


@dataclass(frozen=True, slots=True)
class Text:
    """A text that people read, in English and Simplified Chinese."""

    en: str
    zh_hans: str


@dataclass(frozen=True, slots=True)
class Label:
    """A label of a policy. `weight` is its share among violating cases (before planted changes)."""

    slug: str
    name: Text
    parent: str | None
    severity: str
    action: str
    dsa_category: str | None
    dsa_keyword: str | None
    violative: bool
    selectable: bool
    weight: float
    handle_factor: float
    since_version: int = 1


@dataclass(frozen=True, slots=True)
class PolicyVersion:
    """A version of a policy and the instant from which it binds."""

    number: int
    effective_from: datetime
    summary: Text


@dataclass(frozen=True, slots=True)
class Policy:
    """A policy with its label taxonomy and versions, oldest first."""

    slug: str
    name: Text
    description: Text
    labels: tuple[Label, ...]
    versions: tuple[PolicyVersion, ...]

    @property
    def current_version(self) -> int:
        """The number of the newest version."""
        return self.versions[-1].number


@dataclass(frozen=True, slots=True)
class Strategy:
    """A source of cases. `violative_factor` scales the queue's violative share for its cases."""

    slug: str
    name: Text
    kind: str
    violative_factor: float
    risk_mean: float
    ends_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class QueueVersion:
    """A version of a queue's configuration, in force in `[effective_from, effective_to)`."""

    number: int
    effective_from: datetime
    effective_to: datetime | None
    policy_version: int
    template_version: int
    sop_version: int
    reason: Text


@dataclass(frozen=True, slots=True)
class Queue:
    """A queue: what it is to people, and how its work behaves.

    `language_shares` and `strategy_shares` sum to 1; `daily_cases` is the mean over a week;
    `handle_seconds` is a practised reviewer's mean on an ordinary case; `double_share` of the cases take a
    blind second review, with a third on conflict. `sla_seconds` follows `SEVERITIES`. A case is served by its
    severity class, lifted by `priority_lift` classes: live content goes before the rest.
    """

    slug: str
    title: Text
    group: str
    surface: str
    purpose: str
    mode: str
    state: str
    policy: str
    languages: tuple[str, ...]
    language_shares: tuple[float, ...]
    markets: tuple[str, ...]
    data_boundary: str | None
    owner: str
    wellness_class: str
    strategies: tuple[str, ...]
    strategy_shares: tuple[float, ...]
    daily_cases: float
    handle_seconds: float
    media_seconds: float | None
    double_share: float
    violative_share: float
    severity_shares: tuple[float, ...]
    sla_seconds: tuple[int, ...]
    priority_lift: int
    versions: tuple[QueueVersion, ...]

    @property
    def current_version(self) -> QueueVersion:
        """The newest version of the configuration."""
        return self.versions[-1]


@dataclass(frozen=True, slots=True)
class Language:
    """A language: where its users wake and sleep, and which markets their cases come from."""

    code: str
    name: Text
    zones: tuple[tuple[str, float], ...]
    markets: tuple[tuple[str, float], ...]
    handle_factor: float


@dataclass(frozen=True, slots=True)
class Site:
    """A site where reviewers work. `handle_factor` is its lasting effect on handle time."""

    slug: str
    name: Text
    employer_kind: str
    vendor: str | None
    country: str
    time_zone: str
    handle_factor: float


@dataclass(frozen=True, slots=True)
class Team:
    """A team: its site, languages, home queues and the queues its people may be cross-trained for."""

    slug: str
    name: Text
    site: str
    languages: tuple[str, ...]
    queues: tuple[str, ...]
    cross_queues: tuple[str, ...]
    data_boundary: str | None
    headcount: int


@dataclass(frozen=True, slots=True)
class Reviewer:
    """A reviewer: who may take what, when they work, and how they work.

    `shift_start_hour` is local to the site; `days_off` are weekdays, Monday 0. `initial_cases` is the
    experience at the start of the simulation; `speed_factor` multiplies handle time for good;
    `error_share` is a practised reviewer's chance of a wrong label.
    """

    code: str
    team: str
    site: str
    employer_kind: str
    hired_on: date
    left_on: date | None
    languages: tuple[str, ...]
    queues: tuple[str, ...]
    skills: tuple[str, ...]
    data_boundary: str | None
    shift_start_hour: float
    days_off: tuple[int, int]
    initial_cases: float
    speed_factor: float
    error_share: float

    @property
    def active(self) -> bool:
        """Whether the reviewer still works at the end of the simulated history."""
        return self.left_on is None


@dataclass(frozen=True, slots=True)
class Auditor:
    """A quality auditor. Auditors take no production cases."""

    code: str
    site: str
    team: str
    employer_kind: str


@dataclass(frozen=True, slots=True)
class DataBoundary:
    """A boundary that cases, reviewers and exports do not cross."""

    slug: str
    name: Text
    minimum_count: int


@dataclass(frozen=True, slots=True)
class Skill:
    """Something a reviewer can be trained for."""

    slug: str
    name: Text


@dataclass(frozen=True, slots=True)
class LearningCurve:
    """Handle time and errors fall with experience: factor(x) = 1 + extra · exp(−x / tau_cases)."""

    handle_extra: float
    error_extra: float
    tau_cases: float


@dataclass(frozen=True, slots=True)
class Cause:
    """A planted cause: what really happened. `to_at` None means that it lasts.

    `handle_factor`, `volume_factor` and `violative_shift` are the true sizes (1, 1 and 0: no effect).
    A distractor is a real change with no effect on anything.
    """

    id: str
    kind: str
    from_at: datetime
    to_at: datetime | None
    scope: tuple[tuple[str, tuple[str, ...]], ...]
    metrics: tuple[str, ...]
    summary: Text
    distractor: bool = False
    handle_factor: float = 1.0
    volume_factor: float = 1.0
    violative_shift: float = 0.0
    ramp_seconds: float = 0.0


@dataclass(frozen=True, slots=True)
class Change:
    """A change that the operation recorded; `cause` names the planted cause behind it, if any."""

    id: str
    object_kind: str
    object_id: str
    object_version: int | None
    kind: str
    at: datetime
    author: str
    summary: Text
    detail: tuple[tuple[str, str], ...]
    cause: str | None


@dataclass(frozen=True, slots=True)
class DemoWorld:
    """Everything that is simulated. Tuples are ordered; positions are the codes the engine uses."""

    seed: int
    start: datetime
    end: datetime
    languages: tuple[Language, ...]
    boundaries: tuple[DataBoundary, ...]
    skills: tuple[Skill, ...]
    policies: tuple[Policy, ...]
    strategies: tuple[Strategy, ...]
    queues: tuple[Queue, ...]
    sites: tuple[Site, ...]
    teams: tuple[Team, ...]
    reviewers: tuple[Reviewer, ...]
    auditors: tuple[Auditor, ...]
    learning: LearningCurve
    causes: tuple[Cause, ...]
    changes: tuple[Change, ...]

    @property
    def production_queues(self) -> tuple[Queue, ...]:
        """The queues whose decisions act on content, in order."""
        return tuple(queue for queue in self.queues if queue.purpose == "production")

    def policy(self, slug: str) -> Policy:
        """Return the policy of that slug; KeyError when there is none."""
        return {policy.slug: policy for policy in self.policies}[slug]

    def queue(self, slug: str) -> Queue:
        """Return the queue of that slug; KeyError when there is none."""
        return {queue.slug: queue for queue in self.queues}[slug]

    def cause(self, cause_id: str) -> Cause:
        """Return the planted cause of that id; KeyError when there is none."""
        return {cause.id: cause for cause in self.causes}[cause_id]
