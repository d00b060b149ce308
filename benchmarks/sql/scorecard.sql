-- What an analyst would write by hand for the scorecard: one statement a fact, the same numbers and intervals.
WITH per_reviewer AS (
    SELECT queue_id, site_id, tenure_band, reviewer_id,
        count(*) AS assigned,
        count(*) FILTER (WHERE outcome = 'submitted') AS reviews,
        count(*) FILTER (WHERE outcome = 'submitted' AND handle_ms IS NOT NULL) AS handled,
        sum(handle_ms) FILTER (WHERE outcome = 'submitted' AND handle_ms IS NOT NULL) / 1000.0 AS handle_seconds,
        sum(active_ms) FILTER (WHERE outcome = 'submitted' AND active_ms IS NOT NULL AND assigned_at IS NOT NULL)
            / 1000.0 AS active_seconds,
        sum(epoch_us(submitted_at) - epoch_us(assigned_at))
            FILTER (WHERE outcome = 'submitted' AND active_ms IS NOT NULL AND assigned_at IS NOT NULL)
            / 1000000.0 AS assigned_seconds,
        count(*) FILTER (WHERE outcome = 'submitted' AND active_ms IS NOT NULL AND assigned_at IS NOT NULL) AS timed,
        count(*) FILTER (WHERE outcome = 'skipped') AS skipped,
        count(*) FILTER (WHERE outcome = 'returned') AS returned,
        count(*) FILTER (WHERE outcome = 'timeout') AS timeout,
        count(*) FILTER (WHERE outcome = 'escalated') AS escalated
    FROM fact_review
    WHERE submitted_at >= TIMESTAMPTZ '{start}' AND submitted_at < TIMESTAMPTZ '{end}'
        AND purpose = 'production' AND kind IN ('first', 'second', 'third')
    GROUP BY ALL
),
decided AS (
    SELECT queue_id, site_id, tenure_band, reviewer_id,
        count(*) AS completed,
        count(*) FILTER (WHERE violative) AS violative,
        count(*) FILTER (WHERE violative IS NOT NULL) AS found
    FROM fact_decision
    WHERE decision_version = 0 AND decided_at >= TIMESTAMPTZ '{start}' AND decided_at < TIMESTAMPTZ '{end}' AND purpose = 'production'
    GROUP BY ALL
)
SELECT queue_id, site_id, tenure_band,
    sum(reviews) AS reviews, sum(completed) AS completed,
    sum(handle_seconds) / sum(handled) AS aht,
    sqrt(count(*) / (count(*) - 1) * (sum(handle_seconds * handle_seconds) - 2 * aht * sum(handle_seconds * handled)
        + aht * aht * sum(handled * handled)) / sum(handled) ** 2) AS aht_error,
    sum(active_seconds) / sum(assigned_seconds) AS active_share,
    sqrt(count(*) / (count(*) - 1) * (sum(active_seconds * active_seconds)
        - 2 * active_share * sum(active_seconds * assigned_seconds)
        + active_share * active_share * sum(assigned_seconds * assigned_seconds)) / sum(assigned_seconds) ** 2)
        AS active_share_error,
    sum(skipped) / sum(assigned) AS skip_rate,
    sqrt(count(*) / (count(*) - 1) * (sum(skipped * skipped) - 2 * skip_rate * sum(skipped * assigned)
        + skip_rate * skip_rate * sum(assigned * assigned)) / sum(assigned) ** 2) AS skip_rate_error,
    sum(returned) / sum(assigned) AS return_rate,
    sqrt(count(*) / (count(*) - 1) * (sum(returned * returned) - 2 * return_rate * sum(returned * assigned)
        + return_rate * return_rate * sum(assigned * assigned)) / sum(assigned) ** 2) AS return_rate_error,
    sum(timeout) / sum(assigned) AS timeout_rate,
    sqrt(count(*) / (count(*) - 1) * (sum(timeout * timeout) - 2 * timeout_rate * sum(timeout * assigned)
        + timeout_rate * timeout_rate * sum(assigned * assigned)) / sum(assigned) ** 2) AS timeout_rate_error,
    sum(escalated) / sum(assigned) AS escalation_rate,
    sqrt(count(*) / (count(*) - 1) * (sum(escalated * escalated) - 2 * escalation_rate * sum(escalated * assigned)
        + escalation_rate * escalation_rate * sum(assigned * assigned)) / sum(assigned) ** 2)
        AS escalation_rate_error,
    sum(violative) / sum(found) AS violative_rate,
    sqrt(count(*) / (count(*) - 1) * (sum(violative * violative) - 2 * violative_rate * sum(violative * found)
        + violative_rate * violative_rate * sum(found * found)) / sum(found) ** 2) AS violative_rate_error,
    sum(reviews) / sum(completed) AS touches,
    sqrt(count(*) / (count(*) - 1) * (sum(reviews * reviews) - 2 * touches * sum(reviews * completed)
        + touches * touches * sum(completed * completed)) / sum(completed) ** 2) AS touches_error
FROM per_reviewer FULL JOIN decided USING (queue_id, site_id, tenure_band, reviewer_id)
GROUP BY queue_id, site_id, tenure_band;

WITH counted AS (
    SELECT queue_id, site_id, tenure_band,
        CAST(ceil(ln(greatest(handle_ms / 1000.0, 0.001)) / 0.020000666706669543) AS INTEGER) AS k, count(*) AS weight
    FROM fact_review
    WHERE submitted_at >= TIMESTAMPTZ '{start}' AND submitted_at < TIMESTAMPTZ '{end}'
        AND purpose = 'production' AND kind IN ('first', 'second', 'third') AND outcome = 'submitted'
        AND handle_ms IS NOT NULL
    GROUP BY ALL
),
ranked AS (
    SELECT *, sum(weight) OVER (PARTITION BY queue_id, site_id, tenure_band ORDER BY k) AS reached,
        sum(weight) OVER (PARTITION BY queue_id, site_id, tenure_band) AS n
    FROM counted
)
SELECT queue_id, site_id, tenure_band, any_value(n) AS n,
    exp(min(k) FILTER (WHERE reached >= 0.9 * n) * 0.020000666706669543) AS handle_p90,
    exp(min(k) FILTER (WHERE reached >= 0.9 * n - 1.96 * sqrt(0.09 * n)) * 0.020000666706669543) AS low,
    exp(min(k) FILTER (WHERE reached >= 0.9 * n + 1.96 * sqrt(0.09 * n)) * 0.020000666706669543) AS high
FROM ranked GROUP BY queue_id, site_id, tenure_band;

WITH listed AS (
    SELECT queue_id, site_id, tenure_band, count(*) AS n,
        list_sort(list((epoch_us(decided_at) - epoch_us(enqueued_at)) / 1000000.0)) AS v
    FROM fact_decision
    WHERE decision_version = 0 AND enqueued_at >= TIMESTAMPTZ '{start}' AND enqueued_at < TIMESTAMPTZ '{end}' AND purpose = 'production'
    GROUP BY ALL
)
SELECT queue_id, site_id, tenure_band, n,
    v[ceil(n * 0.5)::BIGINT] AS tat_p50,
    v[floor(n * 0.5 - 1.96 * sqrt(n * 0.25))::BIGINT] AS p50_low,
    v[ceil(n * 0.5 + 1.96 * sqrt(n * 0.25))::BIGINT + 1] AS p50_high,
    v[ceil(n * 0.9)::BIGINT] AS tat_p90,
    v[floor(n * 0.9 - 1.96 * sqrt(n * 0.09))::BIGINT] AS p90_low,
    v[ceil(n * 0.9 + 1.96 * sqrt(n * 0.09))::BIGINT + 1] AS p90_high,
    v[ceil(n * 0.95)::BIGINT] AS tat_p95,
    v[floor(n * 0.95 - 1.96 * sqrt(n * 0.0475))::BIGINT] AS p95_low,
    v[ceil(n * 0.95 + 1.96 * sqrt(n * 0.0475))::BIGINT + 1] AS p95_high
FROM listed
