"""The demo operation's policies: eight label taxonomies with severity, action and DSA category.

The taxonomy is a table of text: under each policy's slug, version count and DSA category stand its name and
description in both languages, then one line a label.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from watchfloor.science.simulation.world import Label, Policy, PolicyVersion, Text

# slug | English | Chinese | severity | action | DSA keyword (category/ if not the policy's) | weight | handle
_TABLE = """
## harassment | 3 | CYBER_VIOLENCE
Harassment and bullying | 骚扰与欺凌
Protects people from unwanted, degrading or frightening contact. | 保护人们免受不受欢迎、贬低或恐吓性的接触。
targeted_insult | Targeted insult | 针对个人的侮辱 | medium | remove | CYBER_HARASSMENT | 0.52 | 1.00
intimidation | Intimidation | 恐吓与威吓 | high | remove | CYBER_BULLYING_INTIMIDATION | 0.22 | 1.20
unwanted_contact | Repeated unwanted contact | 反复骚扰联系 | medium | restrict_contact | CYBER_STALKING | 0.16 | 1.15
private_information | Private information shared | 披露他人隐私 | high | remove | DATA_PROTECTION_AND_PRIVACY_VIOLATIONS/MISSING_PROCESSING_GROUND | 0.10 | 1.30
pile_on | Coordinated pile-on | 有组织的围攻 | high | remove | CYBER_INCITEMENT | 0.00 | 1.40
## hateful_conduct | 2 | ILLEGAL_OR_HARMFUL_SPEECH
Hateful conduct | 仇恨行为
Covers attacks on people for a protected attribute. | 针对受保护特征对他人的攻击。
dehumanising | Dehumanising comparison | 非人化贬损 | high | remove | HATE_SPEECH | 0.40 | 1.15
exclusion | Call for exclusion | 煽动排斥 | high | remove | DISCRIMINATION | 0.25 | 1.20
slur | Slur against a protected group | 针对受保护群体的蔑称 | medium | remove | HATE_SPEECH | 0.30 | 0.90
symbol | Hateful symbol | 仇恨符号 | medium | demote | HATE_SPEECH | 0.05 | 1.10
## violence | 4 | VIOLENCE
Violence and incitement | 暴力与煽动
Covers incitement, coordination, praise and graphic depiction. | 煽动、策划、美化暴力以及血腥画面。
incitement | Incitement to violence | 煽动暴力 | critical | remove_and_refer | INCITEMENT_VIOLENCE_HATRED | 0.18 | 1.35
graphic_depiction | Graphic depiction | 血腥画面 | high | age_restrict | OTHER | 0.47 | 0.95
coordination | Coordination of harm | 策划伤害行为 | critical | remove_and_refer | COORDINATED_HARM | 0.10 | 1.40
glorification | Praise of violent acts | 美化暴力行为 | medium | remove | OTHER | 0.25 | 1.05
## minor_safety | 5 | PROTECTION_OF_MINORS
Minor safety | 未成年人安全
Protects minors from unsafe contact, challenges and content. | 保护未成年人免受不当接触、危险挑战和不适宜内容。
unsafe_contact | Unsafe contact with a minor | 与未成年人的不当接触 | critical | remove_and_refer | GROOMING_SEXUAL_ENTICEMENT_MINORS | 0.14 | 1.45
unsafe_challenge | Dangerous challenge | 危险挑战 | high | remove | UNSAFE_CHALLENGES | 0.40 | 1.00
age_inappropriate | Not suitable for minors | 不适合未成年人 | medium | age_restrict | AGE_SPECIFIC_RESTRICTIONS_MINORS | 0.36 | 0.95
under_age_holder | Account holder under age | 账号持有人未达年龄 | high | suspend_account | AGE_SPECIFIC_RESTRICTIONS_MINORS | 0.10 | 1.10
## fraud | 3 | SCAMS_AND_FRAUD
Fraud and scams | 欺诈与骗局
Covers deception for gain: phishing, schemes, false listings. | 以牟利为目的的欺骗：钓鱼、骗局、虚假信息。
phishing | Phishing | 网络钓鱼 | high | remove | PHISHING | 0.34 | 1.00
investment_scheme | Investment or pyramid scheme | 投资或传销骗局 | high | remove | PYRAMID_SCHEMES | 0.26 | 1.25
fake_listing | Inauthentic listing | 虚假商品信息 | medium | remove | INAUTHENTIC_LISTINGS | 0.22 | 1.05
fake_review | Inauthentic review | 虚假评价 | low | demote | INAUTHENTIC_USER_REVIEWS | 0.18 | 0.85
## regulated_goods | 2 | UNSAFE_AND_PROHIBITED_PRODUCTS
Regulated goods | 受管制商品
Covers goods that may not be offered or must be disclosed. | 不得出售或必须披露的商品。
prohibited_product | Prohibited product | 违禁商品 | high | remove | PROHIBITED_PRODUCTS | 0.44 | 1.10
unsafe_product | Unsafe product | 不安全商品 | medium | remove | UNSAFE_PRODUCTS | 0.26 | 1.05
animal_sale | Unlawful animal sale | 非法动物交易 | medium | remove | ANIMAL_WELFARE/UNLAWFUL_SALE_ANIMALS | 0.08 | 1.20
undisclosed_ad | Undisclosed advertisement | 未标明的广告 | low | label | CONSUMER_INFORMATION/HIDDEN_ADVERTISEMENT | 0.22 | 0.85
## civic_integrity | 2 | NEGATIVE_EFFECTS_ON_CIVIC_DISCOURSE_OR_ELECTIONS
Civic integrity | 公民诚信
Protects elections and civic processes from deception. | 保护选举与公共事务免受欺骗。
voting_procedure | False claim about voting procedure | 关于投票程序的不实信息 | high | remove | MISINFORMATION_DISINFORMATION | 0.30 | 1.20
out_of_context | Media out of context | 断章取义的媒体内容 | medium | label | MISINFORMATION_DISINFORMATION | 0.48 | 1.10
voter_intimidation | Voter intimidation | 恐吓选民 | critical | remove | VIOLATION_NATIONAL_LAW | 0.08 | 1.30
synthetic_figure | Synthetic media of a public figure | 公众人物的合成媒体 | high | label | MISINFORMATION_DISINFORMATION | 0.14 | 1.35
## account_integrity | 3 | SCAMS_AND_FRAUD
Account integrity | 账号真实性
Covers impersonation, inauthentic and compromised accounts. | 冒充、虚假和被盗账号。
impersonation | Impersonation | 冒充他人 | high | suspend_account | IMPERSONATION_ACCOUNT_HIJACKING | 0.38 | 1.10
inauthentic_account | Inauthentic account | 虚假账号 | medium | suspend_account | INAUTHENTIC_ACCOUNTS | 0.40 | 0.95
compromised_account | Compromised account | 被盗账号 | high | lock_account | IMPERSONATION_ACCOUNT_HIJACKING | 0.14 | 1.25
ban_evasion | Evasion of a suspension | 规避封禁 | medium | suspend_account | OTHER_VIOLATION_TC/OTHER | 0.08 | 1.15
"""  # noqa: E501 - a table reads better when its rows are not wrapped

_FIRST = Text("First edition.", "首版。")
_REVIEWED = Text("Annual review.", "年度修订。")


@dataclass(frozen=True, slots=True)
class _Block:
    slug: str
    version_count: int
    category: str
    name: Text
    description: Text
    rows: tuple[list[str], ...]


def _blocks() -> list[_Block]:
    blocks = []
    for text in _TABLE.split("## ")[1:]:
        header, name, description, *rows = (_cells(line) for line in text.strip().splitlines())
        blocks.append(
            _Block(header[0], int(header[1]), header[2], Text(*name), Text(*description), tuple(rows))
        )
    return blocks


def _cells(line: str) -> list[str]:
    return [cell.strip() for cell in line.split("|")]


def demo_policies(*, start: datetime, harassment_launch_at: datetime) -> tuple[Policy, ...]:
    """Return the eight policies; harassment gets one version more, with a new label, at its launch."""
    policies = []
    for block in _blocks():
        versions = [
            PolicyVersion(
                number=number,
                effective_from=start - timedelta(days=90 * (block.version_count - number) + 45),
                summary=Text("Annual review.", "年度修订。")
                if number > 1
                else Text("First edition.", "首版。"),
            )
            for number in range(1, block.version_count + 1)
        ]
        if block.slug == "harassment":
            summary = Text("Coordinated pile-ons get a label of their own.", "有组织的围攻单设标签。")
            versions.append(PolicyVersion(block.version_count + 1, harassment_launch_at, summary))
        policies.append(
            Policy(block.slug, block.name, block.description, _labels(block), tuple(versions)),
        )
    return tuple(policies)


def _labels(block: _Block) -> tuple[Label, ...]:
    parent = Label(
        slug=block.slug,
        name=block.name,
        parent=None,
        severity="medium",
        action="remove",
        dsa_category=f"STATEMENT_CATEGORY_{block.category}",
        dsa_keyword=None,
        violative=True,
        selectable=False,
        weight=0.0,
        handle_factor=1.0,
    )
    clear = Label(
        slug=f"{block.slug}.no_violation",
        name=Text("No violation", "不违规"),
        parent=None,
        severity="low",
        action="none",
        dsa_category=None,
        dsa_keyword=None,
        violative=False,
        selectable=True,
        weight=0.0,
        handle_factor=0.92,
    )
    return (parent, clear, *(_leaf(block, row) for row in block.rows))


def _leaf(block: _Block, row: list[str]) -> Label:
    leaf, english, chinese, severity, action, legal, weight, handle_factor = row
    category, _, keyword = legal.rpartition("/")
    return Label(
        slug=f"{block.slug}.{leaf}",
        name=Text(english, chinese),
        parent=block.slug,
        severity=severity,
        action=action,
        dsa_category=f"STATEMENT_CATEGORY_{category or block.category}",
        dsa_keyword=f"KEYWORD_{keyword}",
        violative=True,
        selectable=True,
        weight=float(weight),
        handle_factor=float(handle_factor),
        since_version=block.version_count + 1 if leaf == "pile_on" else 1,
    )
