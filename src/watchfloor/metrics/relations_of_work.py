"""Relations of work against expectation: reach, expected times, forecasts, staffing, cost and contracts.

The words in braces are those of `relation`.
"""

from watchfloor.facts.schemas import TABLES
from watchfloor.metrics.relation import Relation

_CASE = tuple(TABLES["case"].by_name)
_REVIEW = tuple(TABLES["review"].by_name)
_SEVERITIES = (("critical", 8), ("high", 4), ("medium", 2), ("low", 1))
_WEIGHED = " ".join(f"WHEN '{name}' THEN {weight}.0" for name, weight in _SEVERITIES)
SEVERITY_WEIGHT = f"CASE {{column}} {_WEIGHED} ELSE 1.0 END"
REACH_HOURS = 72
SEASON_DAYS = 7
SERVED_OCCUPANCY = 0.85

# An expectation for the label and language comes first, then one of any label, then of any language.
_STANDARD = """
    LEFT JOIN fact_standard_time t ON t.queue_id = r.queue_id AND t.label = {label}
        AND t.language = r.language AND t.turn = {turn}
        AND {at} >= t.effective_from AND ({at} < t.effective_to OR t.effective_to IS NULL)
    LEFT JOIN fact_standard_time u ON u.queue_id = r.queue_id AND u.label IS NULL
        AND u.language = r.language AND u.turn IS NULL
        AND {at} >= u.effective_from AND ({at} < u.effective_to OR u.effective_to IS NULL)
    LEFT JOIN fact_standard_time w ON w.queue_id = r.queue_id AND w.label IS NULL
        AND w.language IS NULL AND w.turn IS NULL
        AND {at} >= w.effective_from AND ({at} < w.effective_to OR w.effective_to IS NULL)
"""
_EXPECTED = "coalesce(t.{0}, u.{0}, w.{0}) AS {0}"


def _standard(*, label: str, turn: str, at: str) -> str:
    return _STANDARD.replace("{label}", label).replace("{turn}", turn).replace("{at}", at)


_REVIEW_STANDARD = f"""
    SELECT r.*, {_EXPECTED.format("standard_seconds")}, {_EXPECTED.format("standard_error")}
    FROM (SELECT *, {{first:labels}} AS first_label FROM fact_review) r
    {_standard(label="r.first_label", turn="r.turn", at="r.submitted_at")}
"""

_CASE_WORK = f"""
    SELECT r.*, f.first_decided_at, {_EXPECTED.format("standard_seconds")} FROM fact_case r
    LEFT JOIN (
        SELECT case_id, decided_at AS first_decided_at FROM fact_decision
        WHERE decision_version = 0 {{narrowed}}
    ) f ON f.case_id = r.case_id
    {_standard(label="'(open)'", turn="0", at="r.enqueued_at")}
"""

_SEEN = (
    "v.views * greatest(0.0, {{seconds:greatest(v.started_at, k.enqueued_at)|least(v.ended_at, {until})}}) / "
    "greatest(1.0, {{seconds:v.started_at|v.ended_at}})"
)
_CASE_REACH = f"""
    SELECT k.*, s.views_before_decision, s.views_to_horizon FROM (
        SELECT c.*, f.first_decided_at, f.found_violative,
            {SEVERITY_WEIGHT.format(column="c.severity_hint")} AS severity_weight
        FROM (SELECT * FROM fact_case WHERE true {{narrowed}}) c LEFT JOIN (
            SELECT case_id, decided_at AS first_decided_at, violative AS found_violative
            FROM fact_decision WHERE decision_version = 0 {{narrowed}}
        ) f ON f.case_id = c.case_id
    ) k JOIN (
        SELECT k.case_id, sum({_SEEN.format(until="k.reach_until")}) AS views_to_horizon,
            sum({_SEEN.format(until="least(k.reach_until, coalesce(k.decided_at, {until}))")})
                AS views_before_decision
        FROM (
            SELECT c.case_id, c.object_id, c.enqueued_at, d.decided_at,
                {{after:c.enqueued_at|{REACH_HOURS * 3600}}} AS reach_until
            FROM (SELECT * FROM fact_case WHERE true {{narrowed}}) c LEFT JOIN (
                SELECT case_id, decided_at FROM fact_decision WHERE decision_version = 0 {{narrowed}}
            ) d ON d.case_id = c.case_id
        ) k JOIN fact_view v ON v.object_id = k.object_id
            AND v.started_at < k.reach_until AND v.ended_at > k.enqueued_at
        GROUP BY k.case_id
    ) s ON s.case_id = k.case_id
"""

_LATEST = """
    SELECT queue_id, interval_start_at, interval_seconds, max(vintage_at) AS vintage_at,
        max_by(volume, vintage_at) AS volume, max_by(volume_p10, vintage_at) AS volume_p10,
        max_by(volume_p90, vintage_at) AS volume_p90, max_by(aht_seconds, vintage_at) AS aht_seconds
    FROM fact_forecast
    WHERE vintage_at <= interval_start_at AND vintage_at <= {until}
        AND interval_start_at >= {low} AND interval_start_at < {high}
    GROUP BY queue_id, interval_start_at, interval_seconds
"""
_FORECAST = (
    "queue_id",
    "interval_start_at",
    "interval_seconds",
    "vintage_at",
    "volume",
    "volume_p10",
    "volume_p90",
    "aht_seconds",
)
_FORECAST_STANDING = f"""
    SELECT f.*, {{seconds:f.vintage_at|f.interval_start_at}} AS horizon_seconds,
        f.volume * f.aht_seconds / 3600.0 AS work_hours,
        f.volume_p10 * f.aht_seconds / 3600.0 AS work_hours_p10,
        f.volume_p90 * f.aht_seconds / 3600.0 AS work_hours_p90
    FROM ({_LATEST}) f
"""

_ARRIVALS = f"""
    SELECT c.queue_id, w.interval_seconds, {{slot:c.enqueued_at|w.interval_seconds * 1000000}} AS slot,
        count(*) AS cases
    FROM fact_case c CROSS JOIN (SELECT DISTINCT interval_seconds FROM fact_forecast) w
    WHERE c.enqueued_at >= {{before:{{low}}|{SEASON_DAYS * 86400}}} AND c.enqueued_at < {{high}}
    GROUP BY 1, 2, 3
"""
# Only intervals that are over, and that begin on a multiple of their length, can be held against arrivals.
_FORECAST_ERROR = f"""
    SELECT f.*, coalesce(a.cases, 0) AS actual, f.volume - coalesce(a.cases, 0) AS error,
        abs(f.volume - coalesce(a.cases, 0)) AS absolute_error,
        CASE WHEN a.cases > 0 THEN abs(f.volume - a.cases) / a.cases END AS percentage_error,
        CASE WHEN f.season_known THEN coalesce(b.cases, 0) END AS season_actual
    FROM (
        SELECT g.*, {{slot:g.interval_start_at|g.interval_seconds * 1000000}} AS slot,
            {{seconds:(SELECT min(enqueued_at) FROM fact_case)|g.interval_start_at}} >= {SEASON_DAYS * 86400}
                AS season_known
        FROM ({_LATEST}) g
        WHERE {{us:g.interval_start_at}} + g.interval_seconds * 1000000 <= {{us:{{until}}}}
            AND {{us:g.interval_start_at}} % (g.interval_seconds * 1000000) = 0
    ) f
    LEFT JOIN ({_ARRIVALS}) a
        ON a.queue_id = f.queue_id AND a.interval_seconds = f.interval_seconds AND a.slot = f.slot
    LEFT JOIN ({_ARRIVALS}) b ON b.queue_id = f.queue_id AND b.interval_seconds = f.interval_seconds
        AND b.slot = f.slot - {SEASON_DAYS * 86400} / f.interval_seconds
"""

_STAFFING = f"""
    SELECT f.*, f.volume * f.aht_seconds / f.interval_seconds / {SERVED_OCCUPANCY} AS need,
        coalesce(s.staff, 0.0) AS staff
    FROM (
        SELECT g.*, {{slot:g.interval_start_at|g.interval_seconds * 1000000}} AS slot FROM ({_LATEST}) g
    ) f LEFT JOIN (
        SELECT p.queue_id, p.hour_number, sum(greatest(0.0,
            {{seconds:greatest(p.started_at, {{hour_start:p.hour_number}})|
              least(p.ended_at, {{hour_start:(p.hour_number + 1)}})}})) / 3600.0 AS staff
        FROM (
            SELECT queue_id, started_at, ended_at, {{hours:started_at|ended_at}} AS hour_number
            FROM fact_shift_plan WHERE scheduled_state IN ('available', 'handling')
                AND started_at < {{high}} AND ended_at > {{low}}
        ) p GROUP BY p.queue_id, p.hour_number
    ) s ON s.queue_id = f.queue_id AND s.hour_number = {{hour:f.interval_start_at}}
"""


def _span(name: str, fact: str, doc: str, *columns: str) -> Relation:
    """Return a fact of whole spans as a relation cut at the edges, with each row's whole length beside it."""
    more = "".join(f", {column}" for column in columns)
    names = tuple(column.rpartition(" AS ")[2] for column in columns)
    kept = tuple(TABLES[fact].by_name)
    return Relation(
        name,
        doc,
        (fact,),
        (*kept, "whole_seconds", *names, "seconds", "begins"),
        f"SELECT x.*, greatest(1.0, {{seconds:x.started_at|x.ended_at}}) AS whole_seconds{more} "
        f"FROM fact_{fact} x",
        "reviewer_id" if "reviewer_id" in kept else "queue_id" if "queue_id" in kept else "site_id",
        None,
        clock=True,
        planned=fact != "exposure",
    )


RELATIONS_OF_WORK = (
    Relation(
        "review_standard",
        "one row a review, with the handle time that was to be expected of it",
        ("review", "standard_time"),
        (*_REVIEW, "first_label", "standard_seconds", "standard_error"),
        _REVIEW_STANDARD,
        "case_id",
        None,
        needs=("review", "standard_time"),
    ),
    Relation(
        "case_work",
        "one row a case, with the handle time to expect of it and the instant of its first decision, if any",
        ("case", "decision", "standard_time"),
        (*_CASE, "first_decided_at", "standard_seconds"),
        _CASE_WORK,
        "case_id",
        None,
        needs=("case", "standard_time"),
    ),
    Relation(
        "case_reach",
        f"one row a case whose object has views: those before its first decision, and within {REACH_HOURS} h",
        ("case", "decision", "view"),
        (
            *_CASE,
            "first_decided_at",
            "found_violative",
            "severity_weight",
            "views_before_decision",
            "views_to_horizon",
        ),
        _CASE_REACH,
        "case_id",
        None,
        needs=("case", "view"),
    ),
    Relation(
        "forecast_standing",
        "one row a queue and interval: the last forecast made before the interval began",
        ("forecast",),
        (*_FORECAST, "horizon_seconds", "work_hours", "work_hours_p10", "work_hours_p90"),
        _FORECAST_STANDING,
        "queue_id",
        None,
        planned=True,
    ),
    Relation(
        "forecast_error",
        "one row a queue and interval that is over: the last forecast before it, and what came",
        ("forecast", "case"),
        (
            *_FORECAST,
            "slot",
            "season_known",
            "actual",
            "error",
            "absolute_error",
            "percentage_error",
            "season_actual",
        ),
        _FORECAST_ERROR,
        "queue_id",
        None,
        needs=("forecast", "case"),
    ),
    Relation(
        "staffing",
        f"one row a queue and interval: people needed at occupancy {SERVED_OCCUPANCY}, and people planned",
        ("forecast", "shift_plan"),
        (*_FORECAST, "slot", "need", "staff"),
        _STAFFING,
        "queue_id",
        None,
        planned=True,
        needs=("forecast", "shift_plan"),
    ),
    _span("cost_span", "cost", "one row a queue, site and span, cut at the edges, its cost spread evenly"),
    _span("contract_span", "contract_hours", "one row a vendor site and span, cut at the edges"),
    _span("entitlement_span", "entitlement", "one row a person or team and span, cut at the edges"),
    _span(
        "exposure_span",
        "exposure",
        "one row a person, severity and interval of exposure, cut at the edges",
        f"{SEVERITY_WEIGHT.format(column='x.severity')} AS severity_weight",
        "coalesce(x.items, 1) AS items_seen",
    ),
)
