"""Settings as a person reads them: shares in per cent, times in words, rules as sentences."""

import json
from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext

from watchfloor.operations.policies.words import severity_names
from watchfloor.operations.queues.deadlines import CONDITIONS
from watchfloor.operations.queues.words import setting_names, wellness_names
from watchfloor.operations.shell import formats


def shown_changes(changes: Mapping[str, Mapping[str, Any]]) -> list[tuple[str, str, str]]:
    """Return a request's changes as (setting, before, after), in words."""
    names = setting_names()
    return [
        (names.get(name, name), shown(name, change["before"]), shown(name, change["after"]))
        for name, change in changes.items()
    ]


def shown(name: str, value: object) -> str:
    """Return a setting's value as a person reads it."""
    if value in (None, "", [], {}):
        return gettext("every site") if name == "site_shares" else formats.NONE
    written = str(value)
    if name in ("certification_required", "sop_required"):
        written = gettext("required") if value else gettext("not required")
    elif isinstance(value, int | float):
        written = _number(name, value)
    elif isinstance(value, dict):
        written = _mapping(name, value)
    elif name == "wellness_class":
        written = wellness_names().get(written, written)
    elif isinstance(value, list):
        written = _list(name, value)
    return written


def _number(name: str, value: float) -> str:
    if name == "lease_seconds":
        return formats.duration(value)
    return formats.share(value) if name.endswith(("_share", "overflow_after")) else str(value)


def _mapping(name: str, value: Mapping[str, Any]) -> str:
    if name == "sla_seconds":
        names = severity_names() | {"default": gettext("others")}
        ranked = sorted(value.items(), key=lambda pair: (pair[0] == "default", pair[1], pair[0]))
        return ", ".join(f"{names.get(key, key)} {formats.duration(seconds)}" for key, seconds in ranked)
    if name == "site_shares":
        return ", ".join(f"{key} {formats.share(part, digits=0)}" for key, part in sorted(value.items()))
    return json.dumps(value, ensure_ascii=False)


def _list(name: str, value: list[Any]) -> str:
    if name == "label_subset":
        return ", ".join(str(one).rpartition(".")[2].replace("_", " ") for one in value)
    if name == "sla_rules":
        return "; ".join(_rule(rule) for rule in value)
    return ", ".join(str(one) for one in value)


def _rule(rule: Mapping[str, Any]) -> str:
    names = severity_names()
    asked = [
        ", ".join(names.get(value, value) for value in rule[name]) for name in CONDITIONS if rule.get(name)
    ]
    clocks = {"elapsed": gettext("elapsed time"), "business": gettext("business hours")}
    within = formats.duration(rule["seconds"])
    clock = f" ({clocks[rule['clock']]})" if rule.get("clock") in clocks else ""
    return f"{' · '.join(asked) or gettext('every case')}: {within}{clock}"
