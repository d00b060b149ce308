"""Finds what must not be in what followed decisions: corrections, appeals, audits and disputes. Pure."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence

from benchmarks.reliability.history import Call, Kept, KeptAppeal, KeptAudit, KeptDecision

REVERSING = ("reversed", "partially_reversed")
VERDICT_AFTER = {"upheld": "correct", "rejected": "incorrect", "grey": "", "": "incorrect"}


def aftermath_faults(calls: Sequence[Call], kept: Kept) -> Iterator[tuple[str, str]]:
    """Yield each fault's rule and where it was broken."""
    yield from _corrections(calls, kept)
    yield from _appeals_lost(calls, kept)
    for name, appeal in kept.appeals.items():
        yield from _appeal(name, appeal, kept)
    yield from _open_twice(kept)
    yield from _audits(calls, kept)
    for name, audit in kept.audits.items():
        yield from _dispute(name, audit)
    yield from _rulings(calls, kept)


def _corrections(calls: Iterable[Call], kept: Kept) -> Iterator[tuple[str, str]]:
    seen: set[str] = set()
    for call in calls:
        if call.kind != "correct" or not call.is_ok:
            continue
        name = call.answer["decision"]
        decision = kept.decisions.get(name)
        if decision is None:
            yield "correction lost", f"{name} of {call.asked['case']} is nowhere"
            continue
        if (decision.case, set(decision.labels)) != (call.asked["case"], set(call.asked["labels"])):
            yield "correction changed", f"{name} has {decision.labels}, asked was {call.asked['labels']}"
        if decision.rule != "correction_wins" or decision.supersedes is None or name in seen:
            yield "correction changed", f"{name} is by {decision.rule} and supersedes {decision.supersedes}"
        seen.add(name)


def _appeals_lost(calls: Iterable[Call], kept: Kept) -> Iterator[tuple[str, str]]:
    for call in calls:
        if call.kind != "appeal" or not call.is_ok:
            continue
        appeal = kept.appeals.get(call.answer["appeal"])
        if appeal is None or (appeal.key, appeal.case) != (call.asked["key"], call.asked["case"]):
            yield "appeal lost", f"{call.asked['key']} was filed as {call.answer['appeal']}: {appeal}"
    for key, count in Counter(appeal.key for appeal in kept.appeals.values() if appeal.key).items():
        if count > 1:
            yield "appeal filed twice", f"{key}: {count} times"


def _appeal(name: str, appeal: KeptAppeal, kept: Kept) -> Iterator[tuple[str, str]]:
    """Find an appeal without its case, not settled by its case's decision, or settled against it."""
    case = kept.cases.get(appeal.opened or "")
    if case is None or case.parent != appeal.case:
        yield "appeal without its case", f"{name} opened {appeal.opened}"
        return
    ruling = kept.decisions.get(appeal.ruling or "")
    if not appeal.outcome:
        if "decided" in case.places:
            yield "appeal not settled", f"{name}: {appeal.opened} is decided"
        return
    appealed = kept.decisions[appeal.decision]
    if ruling is None or ruling.case != appeal.opened:
        yield "appeal settled by nothing", f"{name} names {appeal.ruling}"
        return
    if (appeal.outcome == "upheld") != (_says(ruling) == _says(appealed)):
        yield "appeal settled wrongly", f"{name} is {appeal.outcome}: {_says(appealed)}, {_says(ruling)}"
    if appeal.outcome in REVERSING:
        corrected = kept.decisions.get(appeal.correction or "")
        said = [each for each in kept.decisions.values() if each.case == appeal.case]
        if appeal.correction is None and all(_says(each) != _says(ruling) for each in said):
            yield "appeal without its correction", f"{name} is {appeal.outcome}"
        if appeal.correction and (corrected is None or _says(corrected) != _says(ruling)):
            yield "appeal without its correction", f"{name} names {appeal.correction}"


def _says(decision: KeptDecision) -> tuple[frozenset[str], str]:
    return frozenset(decision.labels), decision.action


def _open_twice(kept: Kept) -> Iterator[tuple[str, str]]:
    waiting = Counter(appeal.decision for appeal in kept.appeals.values() if not appeal.outcome)
    for decision, count in waiting.items():
        if count > 1:
            yield "appeal filed twice", f"{count} of the same kind are open against {decision}"


def _audits(calls: Iterable[Call], kept: Kept) -> Iterator[tuple[str, str]]:
    judged: dict[str, int] = defaultdict(int)
    for call in calls:
        if call.kind == "draw" and call.is_ok:
            for audit in call.answer["audits"]:
                if audit not in kept.audits:
                    yield "audit lost", f"{audit} was drawn by {call.asked['design']}"
        if call.kind == "audit" and call.is_ok:
            name = call.asked["audit"]
            judged[name] += 1
            audit = kept.audits.get(name)
            if audit is None or audit.state != "done":
                yield "verdict lost", f"{name} was {call.answer['verdict']}, kept is {audit}"
            elif audit.dispute_state == "none" and audit.verdict != call.answer["verdict"]:
                yield "verdict changed", f"{name} is {audit.verdict}, given was {call.answer['verdict']}"
    for name, count in judged.items():
        if count > 1:
            yield "audit judged twice", f"{name}: {count} verdicts were accepted"


def _dispute(name: str, audit: KeptAudit) -> Iterator[tuple[str, str]]:
    if audit.dispute_state == "none":
        if audit.steps:
            yield "dispute of nothing", f"{name} has {audit.steps}"
        return
    if audit.steps.count("filed") != 1:
        yield "dispute filed twice", f"{name} has {audit.steps}"
    if audit.dispute_state != (audit.outcome or "open") or audit.verdict != VERDICT_AFTER[audit.outcome]:
        yield "dispute settled wrongly", f"{name}: {audit}"


def _rulings(calls: Iterable[Call], kept: Kept) -> Iterator[tuple[str, str]]:
    """Find disputes and rulings that were acknowledged and are not kept, or are kept too often."""
    known: Counter[tuple[str, str]] = Counter()
    perhaps: Counter[tuple[str, str]] = Counter()
    for call in calls:
        if call.kind not in ("dispute", "rule"):
            continue
        key = (call.asked["audit"], "filed" if call.kind == "dispute" else call.asked["ruling"])
        known[key] += call.is_ok
        perhaps[key] += call.result == "unknown"
    for audit, ruling in set(known) | set(perhaps):
        found = kept.audits.get(audit)
        count = found.steps.count(ruling) if found else 0
        least = known[audit, ruling]
        if not least <= count <= least + perhaps[audit, ruling]:
            yield "ruling lost", f"{audit}: {ruling} stands {count} times, {least} were acknowledged"
