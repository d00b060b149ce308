"""One turn as a pgbench script: the services' own statements, their parameters as pgbench's variables."""

import re

_CLAIM = {"reviewer": ":reviewer", "now": "now()", "queues": "NULL"}
_TAKE = {"token": ":c_token", "now": "now()", "expired": "false"}
_RECORD = {
    "review": "gen_random_uuid()",
    "case": ":t_case_id",
    "decision": "gen_random_uuid()",
    "now": "now()",
    "dimensions": ":t_dimensions",
    "answer": """'{"labels": [], "action": "none"}'""",
    "labels": "'{}'",
    "action": "'none'",
    "kind": "'first'",
    "turn": "0",
    "reviewer": ":reviewer",
    "queue": ":t_queue_id",
    "version": ":t_queue_version_id",
    "assigned_at": ":t_claimed_at",
    "first_render_at": "NULL",
    "handle_ms": "1000",
    "active_ms": "NULL",
    "media_ms": "NULL",
    "outcome": "'submitted'",
    "reason": "''",
    "blind": "false",
    "rule": "'last_turn'",
    "decided_labels": "'{}'",
    "decided_action": "'none'",
    "violative": "false",
    "enforced": "true",
    "language": ":t_language",
    "priority": ":t_priority",
    "deadline_at": ":t_deadline_at",
    "enqueued_at": ":t_enqueued_at",
    "next_turn": "NULL",
    "excluded": ":t_excluded",
    "policy_version": "NULL",
    "template_version": "NULL",
    "sop_version": "NULL",
}


def recorded_turn(*, first_reviewer: int, last_reviewer: int) -> str:
    """Return the script of one claim and one submit by a random reviewer."""
    from watchfloor.operations.record.statements import statement

    return "\n".join(
        [
            f"\\set reviewer random({first_reviewer}, {last_reviewer})",
            _filled(statement("review", "claim"), _CLAIM) + " \\gset c_",
            "BEGIN;",
            _filled(statement("review", "take_lease"), _TAKE) + " \\gset t_",
            _filled(statement("review", "record_review"), _RECORD) + ";",
            "COMMIT;",
        ]
    )


def _filled(sql: str, values: dict[str, str]) -> str:
    """Return the statement on one line with every parameter replaced."""
    lines = [line.partition("--")[0].strip() for line in sql.splitlines()]
    text = " ".join(line for line in lines if line).replace("%%", "%")
    return re.sub(r"%\((\w+)\)s", lambda match: values[match[1]], text).rstrip("; ")
