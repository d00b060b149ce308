"""The closed lists of the DSA's statement of reasons, as the transparency database's API takes them.

Source: Regulation (EU) 2022/2065, Articles 17 and 24(5); schema in force since 1 July 2025.
"""

from collections.abc import Mapping
from datetime import date
from types import MappingProxyType

from watchfloor.operations.policies.vocabulary import DSA_KEYWORDS


def _prefixed(prefix: str, words: str) -> tuple[str, ...]:
    return tuple(prefix + word for word in words.split())


VISIBILITY_OTHER = "DECISION_VISIBILITY_OTHER"
VISIBILITY = (
    *_prefixed(
        "DECISION_VISIBILITY_CONTENT_",
        "REMOVED DISABLED DEMOTED AGE_RESTRICTED INTERACTION_RESTRICTED LABELLED",
    ),
    VISIBILITY_OTHER,
)
MONETARY_OTHER = "DECISION_MONETARY_OTHER"
MONETARY = _prefixed("DECISION_MONETARY_", "SUSPENSION TERMINATION OTHER")
PROVISION = _prefixed(
    "DECISION_PROVISION_", "PARTIAL_SUSPENSION TOTAL_SUSPENSION PARTIAL_TERMINATION TOTAL_TERMINATION"
)
ACCOUNT = _prefixed("DECISION_ACCOUNT_", "SUSPENDED TERMINATED")
ACCOUNT_TYPES = _prefixed("ACCOUNT_TYPE_", "BUSINESS PRIVATE")
ILLEGAL, INCOMPATIBLE = GROUNDS = _prefixed("DECISION_GROUND_", "ILLEGAL_CONTENT INCOMPATIBLE_CONTENT")
CONTENT_TYPE_OTHER = "CONTENT_TYPE_OTHER"
CONTENT_TYPES = _prefixed("CONTENT_TYPE_", "APP AUDIO IMAGE PRODUCT SYNTHETIC_MEDIA TEXT VIDEO OTHER")
VOLUNTARY = "SOURCE_VOLUNTARY"
SOURCES = ("SOURCE_ARTICLE_16", "SOURCE_TRUSTED_FLAGGER", "SOURCE_TYPE_OTHER_NOTIFICATION", VOLUNTARY)
AUTOMATED_DECISIONS = _prefixed("AUTOMATED_DECISION_", "FULLY PARTIALLY NOT_AUTOMATED")
YES_NO = ("Yes", "No")

CATEGORY_PREFIX = "STATEMENT_CATEGORY_"
KEYWORD_PREFIX = "KEYWORD_"
KEYWORD_OTHER = "KEYWORD_OTHER"
CATEGORIES = tuple(CATEGORY_PREFIX + code for code in DSA_KEYWORDS)
KEYWORDS_OF: Mapping[str, frozenset[str]] = MappingProxyType(
    {
        CATEGORY_PREFIX + code: frozenset(KEYWORD_PREFIX + word for word in words)
        for code, words in DSA_KEYWORDS.items()
    }
)
KEYWORD_OF_NO_CATEGORY = "KEYWORD_STALKING"
KEYWORDS = frozenset({KEYWORD_OF_NO_CATEGORY, *(word for words in KEYWORDS_OF.values() for word in words)})

_UNION = "AT BE BG CY CZ DE DK EE ES FI FR GR HR HU IE IS IT LI LT LU LV MT NL NO PL PT RO SE SI SK"
TERRITORIES = tuple(_UNION.split())
_ISO_639_1 = """
    AA AB AE AF AK AM AN AR AS AV AY AZ BA BE BG BI BM BN BO BR BS CA CE CH CO CR CS CU CV CY DA DE
    DV DZ EE EL EN EO ES ET EU FA FF FI FJ FO FR FY GA GD GL GN GU GV HA HE HI HO HR HT HU HY HZ IA
    ID IE IG II IK IO IS IT IU JA JV KA KG KI KJ KK KL KM KN KO KR KS KU KV KW KY LA LB LG LI LN LO
    LT LU LV MG MH MI MK ML MN MR MS MT MY NA NB ND NE NG NL NN NO NR NV NY OC OJ OM OR OS PA PI PL
    PS PT QU RM RN RO RU RW SA SC SD SE SG SI SK SL SM SN SO SQ SR SS ST SU SV SW TA TE TG TH TI TK
    TL TN TO TR TS TT TW TY UG UK UR UZ VE VI VO WA WO XH YI YO ZA ZH ZU
"""
LANGUAGES = frozenset(_ISO_639_1.split())

EARLIEST_CONTENT, EARLIEST_APPLICATION, LATEST = date(2000, 1, 1), date(2020, 1, 1), date(2038, 1, 1)
MOST_IN_A_CALL = 100
END_DATES = tuple(f"end_date_{kind}_restriction" for kind in ("visibility", "monetary", "service", "account"))
LONGEST: Mapping[str, int] = MappingProxyType(
    {
        "decision_visibility_other": 500,
        "decision_monetary_other": 500,
        "decision_ground_reference_url": 500,
        "illegal_content_legal_ground": 500,
        "illegal_content_explanation": 2000,
        "incompatible_content_ground": 500,
        "incompatible_content_explanation": 2000,
        "content_type_other": 500,
        "category_specification_other": 500,
        "decision_facts": 5000,
        "source_identity": 500,
        "puid": 500,
    }
)
"""Texts with the most characters each may have."""
