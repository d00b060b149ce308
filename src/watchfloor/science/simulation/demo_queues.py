"""The demo operation's languages, strategies and queues, with how their work behaves.

Figures are invented, of the size that such queues have; they are no targets.
"""

from datetime import datetime, timedelta

from watchfloor.science.simulation.world import (
    DataBoundary,
    Language,
    Queue,
    QueueVersion,
    Skill,
    Strategy,
    Text,
)

EU_BOUNDARY = "eu-enclave"

BOUNDARIES = (DataBoundary(EU_BOUNDARY, Text("EU data enclave", "欧盟数据隔离区"), 10),)

LANGUAGES = (
    Language(
        "en",
        Text("English", "英语"),
        (("America/New_York", 0.45), ("Europe/London", 0.3), ("Asia/Manila", 0.25)),
        (("US", 0.42), ("GB", 0.2), ("PH", 0.14), ("IN", 0.14), ("IE", 0.1)),
        1.0,
    ),
    Language(
        "es",
        Text("Spanish", "西班牙语"),
        (("America/Mexico_City", 0.6), ("Europe/Madrid", 0.4)),
        (("MX", 0.4), ("ES", 0.25), ("CO", 0.2), ("AR", 0.15)),
        1.02,
    ),
    Language(
        "zh",
        Text("Chinese", "中文"),
        (("Asia/Taipei", 0.8), ("America/Los_Angeles", 0.2)),
        (("TW", 0.5), ("SG", 0.2), ("MY", 0.2), ("US", 0.1)),
        0.97,
    ),
    Language(
        "ar",
        Text("Arabic", "阿拉伯语"),
        (("Asia/Riyadh", 0.55), ("Africa/Cairo", 0.45)),
        (("SA", 0.35), ("EG", 0.35), ("AE", 0.15), ("MA", 0.15)),
        1.08,
    ),
    Language(
        "pt",
        Text("Portuguese", "葡萄牙语"),
        (("America/Sao_Paulo", 0.8), ("Europe/Lisbon", 0.2)),
        (("BR", 0.8), ("PT", 0.2)),
        1.0,
    ),
    Language("id", Text("Indonesian", "印度尼西亚语"), (("Asia/Jakarta", 1.0),), (("ID", 1.0),), 0.98),
)

LANGUAGE_SHARES = {"en": 0.385, "es": 0.16, "zh": 0.125, "ar": 0.1, "pt": 0.13, "id": 0.1}

SKILLS = (
    Skill("text", Text("Text and conversations", "文本与会话")),
    Skill("video", Text("Video and audio", "视频与音频")),
    Skill("live", Text("Live intervention", "直播实时干预")),
    Skill("accounts", Text("Account investigation", "账号调查")),
    Skill("graphic-content", Text("Graphic content, opt-in", "血腥内容（自愿）")),
)

SURFACE_SKILL = {
    "search": "text",
    "comment": "text",
    "message": "text",
    "video": "video",
    "live": "live",
    "account": "accounts",
}

USER_REPORTS, TRUSTED_FLAGGER, PROACTIVE = "user-reports", "trusted-flaggers", "proactive-sampling"
TEXT_CLASSIFIER, VIDEO_CLASSIFIER, ACCOUNT_CLASSIFIER = (
    "text-classifier",
    "video-classifier",
    "account-classifier",
)
KEYWORD_SWEEP, LEGAL_NOTICE = "keyword-sweep", "legal-notices"


def demo_strategies(*, sweep_ends_at: datetime) -> tuple[Strategy, ...]:
    """Return the strategies that send cases; the keyword sweep ends at the instant given."""
    return (
        Strategy(USER_REPORTS, Text("User reports", "用户举报"), "report", 0.85, 0.45),
        Strategy(TRUSTED_FLAGGER, Text("Trusted flaggers", "可信举报者"), "report", 2.1, 0.8),
        Strategy(LEGAL_NOTICE, Text("Legal notices", "法律通知"), "notice", 1.6, 0.7),
        Strategy(TEXT_CLASSIFIER, Text("Text classifier", "文本分类模型"), "model", 1.15, 0.72),
        Strategy(VIDEO_CLASSIFIER, Text("Video classifier", "视频分类模型"), "model", 1.2, 0.74),
        Strategy(ACCOUNT_CLASSIFIER, Text("Account classifier", "账号分类模型"), "model", 1.25, 0.7),
        Strategy(
            KEYWORD_SWEEP, Text("Keyword sweep", "关键词巡查"), "rule", 0.55, 0.35, ends_at=sweep_ends_at
        ),
        Strategy(PROACTIVE, Text("Proactive sampling", "主动抽样"), "sampling", 0.25, 0.15),
    )


_STRATEGIES = {
    "reports": ((USER_REPORTS, 0.55), (TEXT_CLASSIFIER, 0.35), (TRUSTED_FLAGGER, 0.04), (PROACTIVE, 0.06)),
    "sweep": ((KEYWORD_SWEEP, 0.24), (USER_REPORTS, 0.46), (TEXT_CLASSIFIER, 0.3)),
    "messages": ((USER_REPORTS, 0.84), (TRUSTED_FLAGGER, 0.1), (LEGAL_NOTICE, 0.06)),
    "video": ((VIDEO_CLASSIFIER, 0.52), (USER_REPORTS, 0.36), (TRUSTED_FLAGGER, 0.04), (PROACTIVE, 0.08)),
    "feed": ((VIDEO_CLASSIFIER, 0.7), (USER_REPORTS, 0.2), (TRUSTED_FLAGGER, 0.02), (PROACTIVE, 0.08)),
    "live": ((VIDEO_CLASSIFIER, 0.6), (USER_REPORTS, 0.4)),
    "accounts": ((ACCOUNT_CLASSIFIER, 0.45), (USER_REPORTS, 0.47), (LEGAL_NOTICE, 0.08)),
}
_SEVERITY_SHARES = {
    "mild": (0.01, 0.12, 0.47, 0.4),
    "even": (0.04, 0.24, 0.48, 0.24),
    "severe": (0.12, 0.38, 0.4, 0.1),
}

_PRIORITY_LIFT = {"live-realtime": 2, "video-minor-safety": 1}

# slug | English | Chinese | policy | languages | owner | wellness class | strategies
# cases a day | handle seconds | media seconds | double share | violative share | severities | SLA minutes
_PRODUCTION = """
search-harmful-results | Search · harmful results · all languages | 搜索 · 有害结果 · 全语种 | violence | en es zh ar pt id | search-integrity | standard | sweep
3550 | 81 | 0 | 0 | 0.16 | mild | 30 60 120 480
search-regulated-goods | Search · regulated goods · English, Portuguese | 搜索 · 受管制商品 · 英语、葡语 | regulated_goods | en pt | search-integrity | standard | reports
1870 | 108 | 0 | 0 | 0.34 | mild | 30 60 60 240
comment-harassment-en | Comments · harassment · English | 评论 · 骚扰 · 英语 | harassment | en | community-text | elevated | reports
3700 | 78 | 0 | 0 | 0.27 | even | 15 30 30 120
comment-harassment-es | Comments · harassment · Spanish | 评论 · 骚扰 · 西班牙语 | harassment | es | community-text | elevated | reports
2250 | 78 | 0 | 0 | 0.27 | even | 15 30 30 180
comment-hate-zh-ar-id | Comments · hateful conduct · Chinese, Arabic, Indonesian | 评论 · 仇恨行为 · 中文、阿语、印尼语 | hateful_conduct | zh ar id | community-text | elevated | reports
1870 | 110 | 0 | 0.35 | 0.24 | even | 15 30 60 360
message-reports-eu | Messages · reported conversations · EU enclave | 私信 · 被举报会话 · 欧盟隔离区 | harassment | en es pt | private-surfaces | elevated | messages
950 | 252 | 0 | 0 | 0.38 | even | 20 25 40 300
message-fraud | Messages · fraud and phishing · English, Chinese, Indonesian | 私信 · 欺诈与钓鱼 · 英语、中文、印尼语 | fraud | en zh id | private-surfaces | standard | reports
2080 | 188 | 0 | 0 | 0.41 | even | 15 20 30 120
video-minor-safety | Video · minor safety · double review · all languages | 视频 · 未成年人安全 · 双人复核 · 全语种 | minor_safety | en es zh ar pt id | minor-safety | severe | video
880 | 252 | 38 | 1 | 0.22 | severe | 15 20 30 120
video-violence | Video · violence and incitement · English, Spanish, Arabic | 视频 · 暴力与煽动 · 英语、西语、阿语 | violence | en es ar | video-safety | severe | video
1440 | 314 | 95 | 0 | 0.33 | severe | 15 20 30 120
video-short-feed | Short video · recommendation check · all languages | 短视频 · 推荐前审核 · 全语种 | violence | en es zh ar pt id | video-safety | standard | feed
3910 | 143 | 24 | 0 | 0.12 | mild | 10 15 30 120
video-civic-es-pt | Video · civic integrity · Spanish, Portuguese | 视频 · 公民诚信 · 西语、葡语 | civic_integrity | es pt | civic | standard | video
580 | 336 | 80 | 0.5 | 0.29 | even | 20 25 30 120
live-realtime | Live · real-time intervention · all languages | 直播 · 实时干预 · 全语种 | violence | en es zh ar pt id | live-safety | severe | live
1930 | 168 | 60 | 0 | 0.19 | severe | 5 10 15 30
account-impersonation | Accounts · impersonation and takeover · all languages | 账号 · 冒充与盗号 · 全语种 | account_integrity | en es zh ar pt id | account-integrity | standard | accounts
1230 | 437 | 0 | 0 | 0.44 | mild | 30 45 60 360
account-age-eu | Accounts · suspected under-age holders · EU enclave | 账号 · 疑似未达年龄 · 欧盟隔离区 | minor_safety | en es pt | minor-safety | standard | accounts
650 | 336 | 0 | 0 | 0.36 | even | 20 30 45 420
"""  # noqa: E501 - a table reads better when its rows are not wrapped


def demo_queues(
    *, start: datetime, policy_versions: dict[str, int], harassment_launch_at: datetime, template_at: datetime
) -> tuple[Queue, ...]:
    """Return fourteen production queues, then a training and a quality queue without arrivals."""
    queues = []
    lines = _PRODUCTION.strip().splitlines()
    for about, work in zip(lines[::2], lines[1::2], strict=True):
        slug, english, chinese, policy, codes, owner, wellness, bundle = _cells(about)
        daily, handle, media, double, violative, severities, sla_minutes = _cells(work)
        languages = tuple(codes.split())
        total = sum(LANGUAGE_SHARES[code] for code in languages)
        markets = {market for item in LANGUAGES if item.code in languages for market, _ in item.markets}
        queues.append(
            Queue(
                slug=slug,
                title=Text(english, chinese),
                group=owner,
                surface=slug.split("-")[0],
                purpose="production",
                mode={"0": "label", "1": "double_review"}.get(double, "sampled_double"),
                state="live",
                policy=policy,
                languages=languages,
                language_shares=tuple(LANGUAGE_SHARES[code] / total for code in languages),
                markets=tuple(sorted(markets)),
                data_boundary=EU_BOUNDARY if slug.endswith("-eu") else None,
                owner=owner,
                wellness_class=wellness,
                strategies=tuple(name for name, _ in _STRATEGIES[bundle]),
                strategy_shares=tuple(share for _, share in _STRATEGIES[bundle]),
                daily_cases=float(daily),
                handle_seconds=float(handle),
                media_seconds=float(media) or None,
                double_share=float(double),
                violative_share=float(violative),
                severity_shares=_SEVERITY_SHARES[severities],
                sla_seconds=tuple(int(minutes) * 60 for minutes in sla_minutes.split()),
                priority_lift=_PRIORITY_LIFT.get(slug, 0),
                versions=_versions(
                    slug,
                    policy,
                    start=start,
                    policy_version=policy_versions[policy],
                    harassment_launch_at=harassment_launch_at,
                    template_at=template_at,
                ),
            )
        )
    return (*queues, *_side_queues(start=start, policy_versions=policy_versions))


def _cells(line: str) -> list[str]:
    return [cell.strip() for cell in line.split("|")]


def _versions(
    slug: str,
    policy: str,
    *,
    start: datetime,
    policy_version: int,
    harassment_launch_at: datetime,
    template_at: datetime,
) -> tuple[QueueVersion, ...]:
    first = Text("Opened.", "启用。")
    opened_at = start - timedelta(days=45)
    change: tuple[datetime, int, int, Text] | None = None
    if policy == "harassment":
        launched = Text("Binds harassment policy version 4.", "绑定骚扰政策第 4 版。")
        change, policy_version = (harassment_launch_at, 1, 0, launched), policy_version - 1
    if slug == "account-impersonation":
        change = (template_at, 0, 1, Text("Template with evidence side by side.", "并排展示证据的新模板。"))
    if change is None:
        return (QueueVersion(1, opened_at, None, policy_version, 1, 1, first),)
    at, policy_step, template_step, reason = change
    return (
        QueueVersion(1, opened_at, at, policy_version, 1, 1, first),
        QueueVersion(2, at, None, policy_version + policy_step, 1 + template_step, 1 + policy_step, reason),
    )


def _side_queues(*, start: datetime, policy_versions: dict[str, int]) -> tuple[Queue, ...]:
    opened_at = start - timedelta(days=45)
    titles = {
        "training": ("training-harassment", "Training · harassment · English", "培训 · 骚扰 · 英语"),
        "qa": ("qa-weekly-sample", "Quality · weekly sample · English", "质检 · 每周抽样 · 英语"),
    }
    return tuple(
        Queue(
            slug=slug,
            title=Text(english, chinese),
            group="quality",
            surface="comment",
            purpose=purpose,
            mode="label" if purpose == "training" else "sample_audit",
            state="live",
            policy="harassment",
            languages=("en",),
            language_shares=(1.0,),
            markets=("GB", "US"),
            data_boundary=None,
            owner="quality",
            wellness_class="standard",
            strategies=(PROACTIVE,),
            strategy_shares=(1.0,),
            daily_cases=0.0,
            handle_seconds=90.0,
            media_seconds=None,
            double_share=0.0,
            violative_share=0.3,
            severity_shares=_SEVERITY_SHARES["even"],
            sla_seconds=(24 * 3600,) * 4,
            priority_lift=0,
            versions=(
                QueueVersion(
                    1, opened_at, None, policy_versions["harassment"], 1, 1, Text("Opened.", "启用。")
                ),
            ),
        )
        for purpose, (slug, english, chinese) in titles.items()
    )
