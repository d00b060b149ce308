"""The closed lists of enforcement: restrictions and what an action restricts, callbacks, appeals."""

from collections.abc import Mapping
from types import MappingProxyType

FEED_KINDS = ("made", "withdrawn")
MESSAGE_KINDS = (*FEED_KINDS, "lifted")
DELIVERY_STATES = ("pending", "failed", "delivered", "dead")

RESTRICTION_SCOPES = ("content", "monetary", "service", "account")

SCOPE_OF: Mapping[str, str] = MappingProxyType(
    {
        "removed": "content",
        "disabled": "content",
        "demoted": "content",
        "age_restricted": "content",
        "interaction_restricted": "content",
        "labelled": "content",
        "monetary_suspended": "monetary",
        "monetary_terminated": "monetary",
        "service_partly_suspended": "service",
        "service_suspended": "service",
        "service_partly_terminated": "service",
        "service_terminated": "service",
        "account_suspended": "account",
        "account_terminated": "account",
    }
)
"""Each type of restriction with what it restricts."""

RESTRICTION_TYPES = tuple(SCOPE_OF)

RESTRICTION_OF_ACTION: Mapping[str, str] = MappingProxyType(
    {
        "remove": "removed",
        "remove_and_refer": "removed",
        "disable": "disabled",
        "demote": "demoted",
        "age_restrict": "age_restricted",
        "interaction_restrict": "interaction_restricted",
        "restrict_contact": "service_partly_suspended",
        "label": "labelled",
        "demonetise": "monetary_suspended",
        "suspend_service": "service_suspended",
        "terminate_service": "service_terminated",
        "lock_account": "account_suspended",
        "suspend_account": "account_suspended",
        "terminate_account": "account_terminated",
    }
)
"""What an action restricts; `none` and `escalate` restrict nothing."""

APPEAL_KINDS = ("internal_complaint", "counter_notice", "out_of_court", "correction")
COMPLAINANT_ROLES = ("user", "notifier", "trusted_flagger", "authority", "business")
APPEAL_STATES = ("open", "decided")
APPEAL_OUTCOMES = ("upheld", "partially_reversed", "reversed", "withdrawn", "omitted")
APPEAL_SUBJECTS = ("visibility", "service", "account", "monetisation", "no_action", "no_action_flagger")
"""What is appealed, as the DSA's transparency report counts complaints: its letters (a) to (f)."""

STATEMENT_STATES = ("faulty", "ready", "accepted", "rejected")
