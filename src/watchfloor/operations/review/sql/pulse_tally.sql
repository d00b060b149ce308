-- Counts the settled case and decision events by minute and hour, moves the mark, and returns the queues that
-- changed. Settled: below the oldest transaction still running, so that a late commit is never passed over.
WITH mark AS MATERIALIZED (
    SELECT next_xid::text::xid8 AS next_xid FROM review_pulsemark WHERE id = 1
),
edge AS MATERIALIZED (
    SELECT pg_snapshot_xmin(pg_current_snapshot()) AS oldest_running
),
settled AS MATERIALIZED (
    SELECT e.xid, e.fact, e.key, e.payload
    FROM record_event e
    WHERE e.xid >= (SELECT next_xid FROM mark) AND e.xid < (SELECT oldest_running FROM edge)
),
counted AS MATERIALIZED (
    SELECT q.id AS queue_id, s.what, s.at, s.deadline_at
    FROM (
        SELECT
            payload ->> 'queue_id' AS slug, payload ->> 'purpose' AS purpose, 'case' AS what,
            (payload ->> 'enqueued_at')::timestamptz AS at,
            (payload ->> 'deadline_at')::timestamptz AS deadline_at
        FROM settled
        WHERE fact = 'case' AND key = payload ->> 'case_id'
        UNION ALL
        SELECT
            payload ->> 'queue_id', payload ->> 'purpose', 'decision',
            (payload ->> 'decided_at')::timestamptz,
            (payload ->> 'deadline_at')::timestamptz
        FROM settled
        WHERE fact = 'decision' AND payload ->> 'decision_version' = '0'
    ) s
    JOIN queues_queue q ON q.slug = s.slug AND q.purpose = s.purpose -- hidden gold has another purpose
),
minutes AS (
    INSERT INTO review_queueminute AS m (queue_id, starts_at, enqueued, decided)
    SELECT
        queue_id, date_trunc('minute', at, 'UTC'),
        count(*) FILTER (WHERE what = 'case'), count(*) FILTER (WHERE what = 'decision')
    FROM counted WHERE at >= %(now)s::timestamptz - interval '25 hours'
    GROUP BY 1, 2 ORDER BY 1, 2
    ON CONFLICT (queue_id, starts_at) DO UPDATE SET
        enqueued = m.enqueued + excluded.enqueued, decided = m.decided + excluded.decided
),
hourly AS (
    SELECT
        queue_id, date_trunc('hour', at, 'UTC') AS starts_at,
        (what = 'case')::int AS enqueued, (what = 'decision')::int AS decided, 0 AS due, 0 AS met
    FROM counted
    UNION ALL
    SELECT
        queue_id, date_trunc('hour', deadline_at, 'UTC'),
        0, 0, (what = 'case')::int, (what = 'decision' AND at <= deadline_at)::int
    FROM counted WHERE deadline_at IS NOT NULL
),
hours AS (
    INSERT INTO review_queuehour AS h (queue_id, starts_at, enqueued, decided, due, met)
    SELECT queue_id, starts_at, sum(enqueued), sum(decided), sum(due), sum(met)
    FROM hourly WHERE starts_at >= %(now)s::timestamptz - interval '8 days'
    GROUP BY 1, 2 ORDER BY 1, 2
    ON CONFLICT (queue_id, starts_at) DO UPDATE SET
        enqueued = h.enqueued + excluded.enqueued, decided = h.decided + excluded.decided,
        due = h.due + excluded.due, met = h.met + excluded.met
),
moved AS (
    UPDATE review_pulsemark SET next_xid = (SELECT max(xid) FROM settled)::text::bigint + 1
    WHERE id = 1 AND EXISTS (SELECT FROM settled)
)
SELECT DISTINCT q.slug FROM counted c JOIN queues_queue q ON q.id = c.queue_id ORDER BY q.slug
