"""The demo operation's sites, teams, reviewers and auditors.

Every team covers the whole week: its people are spread over three shifts in proportion to the work that
arrives in each, and over days off so that no shift is ever left without a team member.
"""

from dataclasses import replace
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray

from watchfloor.science.simulation.demo_queues import EU_BOUNDARY, SURFACE_SKILL
from watchfloor.science.simulation.seasonality import weekly_profile
from watchfloor.science.simulation.world import Auditor, Language, LearningCurve, Reviewer, Site, Team, Text

LEARNING = LearningCurve(handle_extra=0.55, error_extra=1.2, tau_cases=2_000.0)
SHIFT_HOURS = 8.5
COHORT_TEAM = "cas-ar-a"
COHORT_SIZE = 10

SITES = (
    Site("dublin", Text("Dublin", "都柏林"), "in_house", None, "IE", "Europe/Dublin", 1.0),
    Site("singapore", Text("Singapore", "新加坡"), "in_house", None, "SG", "Asia/Singapore", 0.98),
    Site("manila", Text("Manila", "马尼拉"), "vendor", "Bayview Assist", "PH", "Asia/Manila", 0.99),
    Site("bogota", Text("Bogotá", "波哥大"), "vendor", "Altiplano CX", "CO", "America/Bogota", 1.03),
    Site(
        "casablanca",
        Text("Casablanca", "卡萨布兰卡"),
        "vendor",
        "Atlas Line",
        "MA",
        "Africa/Casablanca",
        1.02,
    ),
)

# Short names of queues, for the table of teams.
_QUEUES = {
    "search": "search-harmful-results",
    "goods": "search-regulated-goods",
    "c-en": "comment-harassment-en",
    "c-es": "comment-harassment-es",
    "hate": "comment-hate-zh-ar-id",
    "fraud": "message-fraud",
    "minor": "video-minor-safety",
    "violence": "video-violence",
    "short": "video-short-feed",
    "civic": "video-civic-es-pt",
    "live": "live-realtime",
    "account": "account-impersonation",
    "eu-msg": "message-reports-eu",
    "eu-age": "account-age-eu",
}

# slug | English | Chinese | site | languages | people | home queues | queues some are cross-trained for
_TEAMS = """
dub-eu-a | EU enclave A | 欧盟隔离区甲组 | dublin | en es pt | 20 | eu-msg eu-age |
dub-eu-b | EU enclave B | 欧盟隔离区乙组 | dublin | en es pt | 20 | eu-msg eu-age |
dub-video | Video, English | 英语视频组 | dublin | en | 18 | minor violence short | live account
dub-accounts | Accounts, English | 英语账号组 | dublin | en | 17 | account fraud | goods
sin-zh-a | Chinese A | 中文甲组 | singapore | zh | 19 | hate fraud search short live | minor
sin-zh-b | Chinese B | 中文乙组 | singapore | zh | 19 | minor short live account | hate fraud
sin-live | Live and video, English | 英语直播与视频组 | singapore | en | 17 | live minor violence | fraud
sin-id | Indonesian, Singapore | 印尼语新加坡组 | singapore | id | 17 | hate fraud minor short live | search account
mnl-text-a | Text A, English | 英语文本甲组 | manila | en | 21 | search c-en goods | fraud
mnl-text-b | Text B, English | 英语文本乙组 | manila | en | 20 | search c-en goods | fraud
mnl-video | Video, English | 英语视频组 | manila | en | 20 | minor violence short | live c-en
mnl-fraud | Fraud and accounts | 欺诈与账号组 | manila | en | 20 | fraud account | c-en
mnl-id | Indonesian, Manila | 印尼语马尼拉组 | manila | id | 18 | search account short hate live | fraud minor
bog-es-text | Spanish text | 西语文本组 | bogota | es | 26 | search c-es | civic violence
bog-es-video | Spanish video | 西语视频组 | bogota | es | 26 | minor violence short civic | live c-es
bog-es-live | Spanish live and accounts | 西语直播与账号组 | bogota | es | 24 | live account violence | minor civic short
bog-pt-a | Portuguese A | 葡语甲组 | bogota | pt | 20 | search goods short civic live | minor
bog-pt-b | Portuguese B | 葡语乙组 | bogota | pt | 20 | minor short civic live account | search goods
cas-ar-a | Arabic A | 阿语甲组 | casablanca | ar | 20 | hate search short violence live | minor
cas-ar-b | Arabic B | 阿语乙组 | casablanca | ar | 18 | minor violence short live account | hate
"""  # noqa: E501 - a table reads better when its rows are not wrapped


def _teams() -> tuple[Team, ...]:
    teams = []
    for line in _TEAMS.strip().splitlines():
        slug, english, chinese, site, languages, people, home, cross = map(str.strip, line.split("|"))
        teams.append(
            Team(
                slug=slug,
                name=Text(english, chinese),
                site=site,
                languages=tuple(languages.split()),
                queues=tuple(_QUEUES[short] for short in home.split()),
                cross_queues=tuple(_QUEUES[short] for short in cross.split()),
                data_boundary=EU_BOUNDARY if slug.startswith("dub-eu") else None,
                headcount=int(people),
            )
        )
    return tuple(teams)


TEAMS = _teams()

_SHIFT_STARTS = (6.0, 14.0, 22.0)
_JITTER = (0.0, 1.0, -0.5, 0.5, -1.0)


def demo_reviewers(
    *,
    seed: int,
    start: datetime,
    languages: tuple[Language, ...],
    cohort_at: datetime,
    handed_over_at: datetime,
) -> tuple[Reviewer, ...]:
    """Return 400 reviewers who work at the end, and the ten whom the hiring cohort replaced."""
    rng = np.random.default_rng([seed, 1])
    sites = {site.slug: site for site in SITES}
    profiles = {item.code: weekly_profile(item, start=start) for item in languages}
    reviewers: list[Reviewer] = []
    leavers: list[Reviewer] = []
    numbers = dict.fromkeys(sites, 0)
    for team in TEAMS:
        site = sites[team.site]
        demand = np.mean([profiles[code] for code in team.languages], axis=0)
        shifts = _shift_sizes(team.headcount, demand=demand, site=site, start=start)
        places = [(shift, position) for shift, size in enumerate(shifts) for position in range(size)]
        for index, (shift, position) in enumerate(places):
            newcomer = team.slug == COHORT_TEAM and index % 2 == 0 and index < 2 * COHORT_SIZE
            numbers[team.site] += 1
            person = _reviewer(rng, team=team, site=site, start=start, shift=shift, position=position,
                               code=f"{site.slug[:3]}-{numbers[team.site]:04d}")  # fmt: skip
            if newcomer:
                numbers[team.site] += 1
                code = f"{site.slug[:3]}-{numbers[team.site]:04d}"
                leavers.append(_with(person, code=code, left_on=handed_over_at.date()))
                person = _with(person, hired_on=cohort_at.date(), initial_cases=0.0)
            reviewers.append(person)
    return (*reviewers, *leavers)


def demo_auditors() -> tuple[Auditor, ...]:
    """Return three auditors a site; they take no production cases."""
    return tuple(
        Auditor(f"qa-{site.slug[:3]}-{number:02d}", site.slug, f"quality-{site.slug}", site.employer_kind)
        for site in SITES
        for number in (1, 2, 3)
    )


def _shift_sizes(
    headcount: int, *, demand: NDArray[np.float64], site: Site, start: datetime
) -> tuple[int, int, int]:
    """Return how many people start each shift: by the work that arrives in it, at least a fifth each."""
    offset = _utc_offset_hours(site, start)
    daily = demand.reshape(7, 24).sum(axis=0)
    weights = np.array(
        [sum(daily[int(first + hour - offset) % 24] for hour in range(8)) for first in _SHIFT_STARTS]
    )
    weights = np.maximum(weights / weights.sum(), 0.2)
    sizes = np.floor(weights / weights.sum() * headcount).astype(int)
    for position in np.argsort(-weights)[: headcount - int(sizes.sum())]:
        sizes[position] += 1
    return int(sizes[0]), int(sizes[1]), int(sizes[2])


def _utc_offset_hours(site: Site, start: datetime) -> float:
    offset = start.astimezone(ZoneInfo(site.time_zone)).utcoffset()
    return offset.total_seconds() / 3600 if offset else 0.0


def _reviewer(
    rng: np.random.Generator, *, team: Team, site: Site, start: datetime, shift: int, position: int, code: str
) -> Reviewer:
    tenure_days = int(np.clip(rng.exponential(430.0), 12, 2_600))
    crossed = tuple(queue for queue in team.cross_queues if rng.random() < 0.3)
    queues = (*team.queues, *crossed)
    first_off = (2 * position + 3 * shift) % 7
    return Reviewer(
        code=code,
        team=team.slug,
        site=site.slug,
        employer_kind=site.employer_kind,
        hired_on=(start - timedelta(days=tenure_days)).date(),
        left_on=None,
        languages=_languages(rng, team=team, position=position),
        queues=queues,
        skills=_skills(queues),
        data_boundary=team.data_boundary,
        shift_start_hour=(_SHIFT_STARTS[shift] + _JITTER[position % len(_JITTER)]) % 24,
        days_off=(first_off, (first_off + 1) % 7),
        initial_cases=float(tenure_days * 5 / 7 * 70),
        speed_factor=float(np.exp(rng.normal(-0.007, 0.12))),
        error_share=float(rng.beta(4.0, 96.0)),
    )


def _languages(rng: np.random.Generator, *, team: Team, position: int) -> tuple[str, ...]:
    if team.data_boundary:
        return ("en", "es") if position % 2 else ("en", "pt")
    home = team.languages[0]
    if home == "en":
        return ("en",)
    return (home, "en") if rng.random() < 0.3 else (home,)


def _skills(queues: tuple[str, ...]) -> tuple[str, ...]:
    skills = {SURFACE_SKILL[queue.split("-")[0]] for queue in queues}
    if {_QUEUES["violence"], _QUEUES["minor"], _QUEUES["live"]} & set(queues):
        skills.add("graphic-content")
    return tuple(sorted(skills))


def _with(
    reviewer: Reviewer,
    *,
    code: str | None = None,
    hired_on: date | None = None,
    left_on: date | None = None,
    initial_cases: float | None = None,
) -> Reviewer:
    return replace(
        reviewer,
        code=code or reviewer.code,
        hired_on=hired_on or reviewer.hired_on,
        left_on=left_on,
        initial_cases=reviewer.initial_cases if initial_cases is None else initial_cases,
    )
