"""The template's closed lists: sheets in order, rows, indicators and scopes.

Source: Implementing Regulation (EU) 2024/2835, collection by template since 1 July 2025.
"""

from collections.abc import Mapping
from types import MappingProxyType

from watchfloor.operations.policies.vocabulary import DSA_KEYWORDS

(
    IDENTIFICATION,
    CATEGORY_NAMES,
    ORDERS,
    NOTICES,
    ILLEGAL,
    TERMS,
    APPEALS,
    AUTOMATED,
    PEOPLE,
    RECIPIENTS,
    WORDS,
) = SHEETS = (
    "1_report_identification",
    "2_categories_names",
    "3_member_states_orders",
    "4_notices",
    "5_own_initiative_illegal",
    "6_own_initiative_TC",
    "7_appeals_and_recidivism",
    "8_automated_means",
    "9_human_resources",
    "10_AMAR",
    "11_qualitative",
)
"""The sheets, in the order that the template fixes."""

MEMBER_STATES = (
    "AT",
    "BE",
    "BG",
    "HR",
    "CY",
    "CZ",
    "DK",
    "EE",
    "FI",
    "FR",
    "DE",
    "GR",
    "HU",
    "IE",
    "IT",
    "LV",
    "LT",
    "LU",
    "MT",
    "NL",
    "PL",
    "PT",
    "RO",
    "SK",
    "SI",
    "ES",
    "SE",
)
LANGUAGES = (
    "bg",
    "hr",
    "cs",
    "da",
    "nl",
    "en",
    "et",
    "fi",
    "fr",
    "de",
    "el",
    "hu",
    "ga",
    "it",
    "lv",
    "lt",
    "mt",
    "pl",
    "pt",
    "ro",
    "sk",
    "sl",
    "es",
    "sv",
)
"""The 24 official languages; six of them are not named as their states are."""

NOT_SPECIFIED_ORDER, NOT_SPECIFIED_NOTICE = "NOT_SPECIFIED_ORDER", "NOT_SPECIFIED_NOTICE"
CATEGORIES = (
    *(name for name in DSA_KEYWORDS if name != NOT_SPECIFIED_NOTICE),
    NOT_SPECIFIED_ORDER,
    NOT_SPECIFIED_NOTICE,
)
_LABELS = {
    "SCAMS_AND_FRAUD": "Scams and/or fraud",
    "UNSAFE_AND_PROHIBITED_PRODUCTS": "Unsafe, non-compliant or prohibited products",
    "OTHER_VIOLATION_TC": "Other violation of provider's terms and conditions",
    NOT_SPECIFIED_ORDER: "Illegal content not specified by the public authority",
    NOT_SPECIFIED_NOTICE: "Alleged illegal content not specified by the notifier",
}


def keywords_of(category: str) -> tuple[str, ...]:
    """Return the keywords of a category, `OTHER` last."""
    words = DSA_KEYWORDS.get(category, frozenset())
    return (*sorted(word for word in words if word != "OTHER"), *(["OTHER"] if "OTHER" in words else []))


def label_of(code: str) -> str:
    """Return the name that people read.

    >>> label_of("SCAMS_AND_FRAUD"), label_of("HATE_SPEECH")
    ('Scams and/or fraud', 'Hate speech')
    """
    return _LABELS.get(code, code.replace("_", " ").capitalize())


def code_of(category: str, keyword: str = "") -> str:
    """Return what a row is known by: the category's code, and the keyword's behind a stroke."""
    if category == "TOTAL":
        return category
    base = f"STATEMENT_CATEGORY_{category}"
    return f"{base}/KEYWORD_{keyword}" if keyword else base


RESTRICTIONS: Mapping[str, str] = MappingProxyType(
    {
        "removed": "Visibility restriction: Removal",
        "disabled": "Visibility restriction: Disable",
        "demoted": "Visibility restriction: Demoted",
        "age_restricted": "Visibility restriction: Age restricted",
        "interaction_restricted": "Visibility restriction: Interaction restricted",
        "labelled": "Visibility restriction: Labelled",
        "visibility_other": "Visibility restriction: Other",
        "monetary_suspended": "Monetary restriction: Suspension",
        "monetary_terminated": "Monetary restriction: Termination",
        "monetary_other": "Monetary restriction: Other",
        "service_suspended": "Provision of the service: Suspension",
        "service_terminated": "Provision of the service: Termination",
        "account_suspended": "Account restriction: Suspension",
        "account_terminated": "Account restriction: Termination",
    }
)
COLUMN_OF = MappingProxyType(
    {name: name for name in RESTRICTIONS}
    | {"service_partly_suspended": "service_suspended", "service_partly_terminated": "service_terminated"}
)
"""Which column each type of restriction is counted in; the template knows no parts of the service."""

MEASURES = "Number of measures taken at the provider's own initiative"
DETECTED = "Number of measures taken after detection with solely automated means"
NOTICE_INDICATORS = (
    "Number of notices received",
    "Number of specific items of information included",
    "Median time to take action",
    "Number of actions taken on the basis of the law",
    "Number of actions taken on the basis of the terms and conditions of the service",
)
ORDER_INDICATORS = (
    "Number of orders to act against illegal content received",
    "Number of specific items of information included in those orders",
    "Median time to inform the authority of the receipt of the order to act",
    "Median time to give effect to the order to act",
    "Number of orders to provide information",
    "Median time to inform the authority of the receipt of the order to provide information",
    "Median time to give effect to the order to provide information",
)
COMPLAINTS = "Number of complaints submitted"
NEW_RESTRICTIONS = "Number of restrictions newly imposed as a result of an internal complaint"
SUBJECTS: Mapping[str, str] = MappingProxyType(
    {
        "visibility": (
            "Complaints regarding a decision (a) to remove, disable access to or "
            "restrict visibility of information"
        ),
        "service": "Complaints regarding a decision (b) to suspend or terminate the service",
        "account": "Complaints regarding a decision (c) to suspend or terminate an account",
        "monetisation": "Complaints regarding a decision (d) to restrict monetisation",
        "no_action": "Complaints regarding a decision (e) not to act on an Article 16 notice",
        "no_action_flagger": "Complaints regarding a decision (f) not to act on a Trusted Flagger's notice",
    }
)
SECTION_COMPLAINTS = "Internal complaints mechanism"
SECTION_DISPUTES = "Out-of-court dispute settlement bodies"
SECTION_SUSPENSIONS = "Suspensions imposed on repeated offenders"
DISPUTES, IMPLEMENTED = "Number of disputes", "Percentage of outcomes implemented"
SUSPENSIONS: Mapping[str, str] = MappingProxyType(
    {
        "manifestly_illegal": "Number of suspensions for manifestly illegal content",
        "unfounded_notices": "Number of suspensions for manifestly unfounded notices",
        "unfounded_complaints": "Number of suspensions for manifestly unfounded complaints",
    }
)
TOTAL_NUMBER, UPHELD, PARTIAL, REVERSED, MEDIAN, OMITTED = (
    "Total number",
    "Decisions upheld",
    "Decisions partially reversed",
    "Decisions reversed",
    "Median time",
    "Decision omitted",
)
ACCURACY_INDICATORS: Mapping[str, str] = MappingProxyType(
    {
        "accuracy": "Accuracy of the automated means – Accuracy",
        "precision": "Accuracy of the automated means – Precision",
        "recall": "Accuracy of the automated means – Recall",
    }
)
SOLELY_AUTOMATED = "Number of measures solely taken by automated means"
NOT_AUTOMATED = "Number of measures not solely taken by automated means"
NOTICES_AUTOMATED = "Number of notices solely processed by automated means"
NOTICES_NOT_AUTOMATED = "Number of notices not solely processed by automated means"
AUTOMATED_SCOPES = ("Total number", "Own-initiative", "NAM Total", "NAM Trusted Flagger")
INTERNAL = "Number of internal moderators employed by the provider"
EXTERNAL = "Number of external moderators contracted by the provider"
LINGUISTIC = "Number of total moderators with sufficient linguistic expertise"
ACTIVE_RECIPIENTS = "Number of average monthly active recipients during the reporting period"
QUALITATIVE: Mapping[str, str] = MappingProxyType(
    {
        "summary": "Summary of own-initiative moderation",
        "information": "Meaningful and comprehensible information on own-initiative moderation",
        "automated": "Qualitative description of the automated means",
        "indicators": "Qualitative description of indicators of accuracy and possible rate of error",
        "purposes": "Specification of the precise purposes",
        "safeguards": "Safeguards",
        "governance": "High-level description of the governance structure",
        "qualifications": "Qualifications",
        "training": "Training given",
        "support": "Support given",
        "headcount": "Methodology used to compute the number of human resources",
    }
)
OF_VERY_LARGE = ("governance", "qualifications", "training", "support", "headcount")
TIME_UNIT = "hours"
