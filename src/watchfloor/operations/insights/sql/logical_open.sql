-- Open cases of logical queues, each counted once in each of them, and once in the row without a slug, which is
-- every case of at least one. Hidden golden cases are left out. Null conditions do not restrict.
WITH asked AS MATERIALIZED (
    SELECT * FROM jsonb_to_recordset(%(asked)s::jsonb) AS a (
        slug text, queues bigint[], languages text[], markets text[], strategies text[], severities text[],
        sla jsonb
    )
),
reached AS MATERIALIZED (SELECT DISTINCT unnest(queues) AS queue_id FROM asked),
open AS (
    SELECT p.case_id, false AS held FROM review_pending p JOIN reached USING (queue_id)
    UNION ALL
    SELECT l.case_id, true FROM review_lease l JOIN reached USING (queue_id)
)
SELECT
    a.slug,
    count(DISTINCT c.id) AS open,
    count(DISTINCT c.id) FILTER (WHERE o.held) AS held,
    count(DISTINCT c.id) FILTER (WHERE c.deadline_at <= %(now)s::timestamptz) AS overdue,
    min(c.deadline_at) AS oldest_deadline_at,
    count(DISTINCT c.id) FILTER (
        WHERE c.enqueued_at + make_interval(
            secs => coalesce((a.sla ->> c.severity_hint)::float8, (a.sla ->> 'default')::float8)
        ) <= %(now)s::timestamptz
    ) AS past_promise
FROM open o
JOIN review_case c ON c.id = o.case_id
JOIN asked a ON c.queue_id = ANY (a.queues)
    AND (a.languages IS NULL OR c.language = ANY (a.languages))
    AND (a.markets IS NULL OR c.market = ANY (a.markets))
    AND (a.strategies IS NULL OR c.strategy_id = ANY (a.strategies))
    AND (a.severities IS NULL OR c.severity_hint = ANY (a.severities))
WHERE c.gold_id = ''
GROUP BY GROUPING SETS ((a.slug), ())
