"""Counts what the report states, from the facts of one version and from the record beside them.

Facts say what was decided, by whom, and how it was audited; the record alone says what led to a case, what
was stated and what was appealed. An imported log has facts only: what they do not hold stays blank.
"""

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from django.conf import settings

from watchfloor.facts.snapshot import Snapshot
from watchfloor.kernel import Period
from watchfloor.operations.cells.warehouse import engine, store_of
from watchfloor.operations.enforcement.models import Statement
from watchfloor.operations.enforcement.restrictions import restrictions_of
from watchfloor.operations.enforcement.statement_models import Ground
from watchfloor.operations.enforcement.statement_terms import TERRITORIES
from watchfloor.operations.people.models import Reviewer
from watchfloor.operations.policies.models import Label
from watchfloor.operations.policies.vocabulary import SEVERITIES
from watchfloor.operations.queues.models import QueueVersion
from watchfloor.operations.record.statements import run, statement
from watchfloor.operations.reports.dsa import terms
from watchfloor.operations.reports.dsa.accuracy import measured

UNMAPPED = {"category": "OTHER_VIOLATION_TC", "keyword": "OTHER", "is_illegal": False}


def count(
    *, operation: str, period: Period, assigned: Mapping[str, Mapping[str, Any]], known_at: datetime
) -> dict[str, Any]:
    """Return everything counted, as plain values: the same facts and record give the same.

    Args:
        operation: The living operation, or an imported log.
        period: The reporting period, half-open, in UTC.
        assigned: Of a log: label or queue to `category`, `keyword`, `is_illegal`, `restriction`.
        known_at: Only facts published, and decisions made, by then.

    """
    snapshot = store_of(operation).snapshot(known_at)
    is_live = operation == settings.WATCHFLOOR_OPERATION
    window = {"start": period.start, "end": period.end}
    recorded = (
        run("reports", "recorded_measures", {**window, "union": list(TERRITORIES), "known_at": known_at})
        if is_live
        else []
    )
    groups = _measures(snapshot, window, recorded, assigned=assigned, is_live=is_live)
    return {
        "facts_version": snapshot.number,
        "operation": operation,
        "period": [period.start.isoformat(), period.end.isoformat()],
        "knows_sources": is_live,
        "measures": groups,
        "unmapped": sum(one["n"] for one in groups if one["is_unmapped"]),
        "notices": _notices(window, known_at) if is_live else {},
        "appeals": _appeals(window, known_at) if is_live else {},
        "people": _people(snapshot, window, is_live=is_live),
        "accuracy": measured(_rows(snapshot, "audits", window)),
        "bridge": _bridge(snapshot, window, recorded, groups, known_at) if is_live else None,
    }


def _rows(snapshot: Snapshot, name: str, parameters: Mapping[str, Any]) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = (
        engine().query(statement("reports", name), snapshot=snapshot, parameters=parameters).to_pylist()
    )
    return found


def _measures(
    snapshot: Snapshot,
    window: Mapping[str, Any],
    recorded: Sequence[Mapping[str, Any]],
    *,
    assigned: Mapping[str, Mapping[str, Any]],
    is_live: bool,
) -> list[dict[str, Any]]:
    parameters = {
        **window,
        "is_log": not is_live,
        "ids": [row["decision_id"] for row in recorded],
        "sources": [row["source"] for row in recorded],
        "detected": [row["is_detected"] for row in recorded],
        "standings": [row["standing"] for row in recorded],
        "categories": [row["stated_category"] for row in recorded],
    }
    mapping = _Mapping()
    merged: Counter[str] = Counter()
    for row in _rows(snapshot, "measures", parameters):
        types = _types(row) if is_live else []
        placed = mapping.place(row) if is_live else None
        given = next(
            (assigned[name] for name in (*(row["labels"] or ()), row["queue_id"]) if name in assigned), None
        )
        if given is not None:
            placed = {name: given[name] for name in UNMAPPED}
            types = types or [given["restriction"]]
        if not types:
            continue  # it restricts nothing in the Union
        stated = row["stated_category"].removeprefix("STATEMENT_CATEGORY_")
        kept = {
            **(placed or UNMAPPED),
            "is_unmapped": placed is None,
            "types": types,
            "source": row["source"],
            "is_detected": bool(row["is_detected"]),
            "is_automated": bool(row["is_automated"]),
            "standing": row["standing"],
            "stated_elsewhere": bool(stated) and stated != (placed or UNMAPPED)["category"],
        }
        merged[json.dumps(kept, sort_keys=True)] += row["n"]
    return [{**json.loads(key), "n": n} for key, n in sorted(merged.items())]


def _types(row: Mapping[str, Any]) -> list[str]:
    """Return what a decision restricts within the Union; nothing where it holds elsewhere alone."""
    answer: dict[str, Any] = {}
    for name in ("restrictions", "territories"):
        if row[name]:
            answer[name] = json.loads(row[name])
    found = restrictions_of(
        {
            "decision_id": None,
            "decided_at": datetime(2000, 1, 1, tzinfo=UTC),  # when it starts is not asked
            "enforced": True,
            "violative": True,
            "action": row["action"] or "",
            "answer": answer,
        }
    )
    inside = not row["market"] or row["market"] in TERRITORIES
    return sorted(
        {
            one.type
            for one in found
            if (inside if not one.territories else set(one.territories) & set(TERRITORIES))
        }
    )


class _Mapping:
    """Which category, keyword and ground a decision's labels stand for, under its own version."""

    def __init__(self) -> None:
        self.versions = {
            (slug, number): (version, policy)
            for slug, number, version, policy in QueueVersion.objects.order_by("version").values_list(
                "queue__slug", "version", "policy_version_id", "policy_version__policy__slug"
            )
        }
        self.latest = {slug: known for (slug, _), known in self.versions.items()}
        self.labels = {(one.policy_version_id, one.code): one for one in Label.objects.filter(violative=True)}
        self.illegal = set(Ground.objects.filter(is_illegal=True).values_list("policy", "label"))

    def place(self, row: Mapping[str, Any]) -> dict[str, Any] | None:
        """Return category, keyword and whether the law is the ground; None when no label of it is mapped."""
        key = (row["queue_id"], row["queue_version"])
        known = self.versions.get(key) or self.latest.get(row["queue_id"])
        if known is None:
            return None
        version, policy = known
        found = (self.labels.get((version, code)) for code in row["labels"] or ())
        held = [label for label in found if label is not None]
        held = sorted((one for one in held if one.dsa_category), key=_heaviest_first)
        if not held:
            return None
        return {
            "category": held[0].dsa_category,
            "keyword": held[0].dsa_keyword or "OTHER",
            "is_illegal": (policy, held[0].code) in self.illegal,
        }


def _heaviest_first(label: Label) -> tuple[int, str]:
    return (SEVERITIES.index(label.severity) if label.severity in SEVERITIES else len(SEVERITIES), label.code)


def _notices(window: Mapping[str, Any], known_at: datetime) -> dict[str, Any]:
    found: dict[str, dict[str, Any]] = {"all": {}, "flagger": {}}
    parameters = {**window, "known_at": known_at, "severities": list(SEVERITIES)}
    for row in run("reports", "notices", parameters):
        if row["keyword"] == "":
            continue  # a category's own row comes from its grouping set, with a keyword of NULL
        code = "TOTAL" if row["category"] is None else terms.code_of(row["category"], row["keyword"] or "")
        found["flagger" if row["is_flagger"] else "all"][code] = {
            "n": row["n"],
            "items": row["n"],
            "median": None if row["median"] is None else round(float(row["median"]), 3),
            "law": row["law"],
            "terms": row["terms"],
            "automated": row["automated"],
            "by_people": row["n"] - row["automated"],
        }
    return found


def _appeals(window: Mapping[str, Any], known_at: datetime) -> dict[str, Any]:
    found: dict[str, Any] = {
        "complaints": {"n": 0, "new_restrictions": 0},
        "subjects": {},
        "disputes": {"n": 0},
    }
    for row in run("reports", "appeals", {**window, "known_at": known_at}):
        one = {name: row[name] for name in ("n", "upheld", "partial", "reversed", "omitted")}
        one["median"] = None if row["median"] is None else round(float(row["median"]), 3)
        if row["kind"] == "internal_complaint":
            if row["subject"] is None:
                found["complaints"] = {**one, "new_restrictions": row["new_restrictions"]}
            else:
                found["subjects"][row["subject"]] = one
        elif row["subject"] is None:
            share = round(row["implemented"] / row["answered"], 4) if row["answered"] else None
            found["disputes"] = {**one, "implemented": share}
    return found


def _people(snapshot: Snapshot, window: Mapping[str, Any], *, is_live: bool) -> dict[str, Any] | None:
    rows = _rows(snapshot, "people", window)
    if not rows or all(row["employer_kind"] is None for row in rows):
        return None
    codes = [row["reviewer_id"] for row in rows]
    known = dict(Reviewer.objects.filter(code__in=codes).values_list("code", "languages")) if is_live else {}
    spoken: Counter[str] = Counter(language for languages in known.values() for language in set(languages))
    internal = sum(row["employer_kind"] == "in_house" for row in rows)
    return {
        "internal": internal,
        "external": len(rows) - internal,
        "total": len(rows),
        "languages": {one: spoken[one] for one in terms.LANGUAGES} if known else None,
    }


def _bridge(
    snapshot: Snapshot,
    window: Mapping[str, Any],
    recorded: Sequence[Mapping[str, Any]],
    groups: Sequence[Mapping[str, Any]],
    known_at: datetime,
) -> dict[str, Any]:
    """Return how the measures counted lead to the statements that exist, cause by cause, down to the rest."""
    by: Counter[str] = Counter()
    for one in groups:
        by[one["standing"]] += one["n"]
    stated_ids = [row["decision_id"] for row in recorded if row["standing"] == "stated"]
    lagging = _rows(snapshot, "lagging", {**window, "ids": stated_ids})[0]["n"]
    held = Statement.objects.filter(
        decision__decided_at__gte=window["start"],
        decision__decided_at__lt=min(window["end"], known_at),
    )
    statements = held.count()
    elsewhere = sum(one["n"] for one in groups if one["stated_elsewhere"])
    without = {name: by[name] for name in ("no_record", "withdrawn", "replaced", "lifted", "waiting")}
    measures = sum(by.values())
    expected = measures - sum(without.values()) + lagging
    return {
        "measures": measures,
        "without": without,
        "lagging": lagging,
        "statements": statements,
        "states": dict(Counter(held.order_by().values_list("state", flat=True))),
        "residual": statements - expected,
        "elsewhere": elsewhere,
        "open": {
            "no statement was built yet": by["waiting"],
            "the statement names another category": elsewhere,
        },
    }
