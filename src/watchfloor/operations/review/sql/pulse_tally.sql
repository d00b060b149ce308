-- Counts the settled case and decision events by minute and hour, moves the mark, and returns the queues that
-- changed. Settled: below the oldest transaction still running, so that a late commit is never passed over.
WITH mark AS MATERIALIZED (
    SELECT next_xid::text::xid8 AS next_xid FROM review_pulsemark WHERE id = 1
),
edge AS MATERIALIZED (
    SELECT pg_snapshot_xmin(pg_current_snapshot()) AS oldest_running
),
settled AS MATERIALIZED (
    SELECT e.xid, e.fact, e.payload
    FROM record_event e
    WHERE e.xid >= (SELECT next_xid FROM mark) AND e.xid < (SELECT oldest_running FROM edge)
),
counted AS MATERIALIZED (
    SELECT
        q.id AS queue_id,
        (s.payload ->> 'enqueued_at')::timestamptz AS at,
        1 AS enqueued, 0 AS decided, 0 AS decided_on_time
    FROM settled s JOIN queues_queue q ON q.slug = s.payload ->> 'queue_id'
    WHERE s.fact = 'case'
    UNION ALL
    SELECT
        q.id,
        (s.payload ->> 'decided_at')::timestamptz,
        0, 1,
        CASE WHEN (s.payload ->> 'decided_at')::timestamptz <= (s.payload ->> 'deadline_at')::timestamptz
            THEN 1 ELSE 0 END
    FROM settled s JOIN queues_queue q ON q.slug = s.payload ->> 'queue_id'
    WHERE s.fact = 'decision' AND s.payload ->> 'decision_version' = '0'
),
minutes AS (
    INSERT INTO review_queueminute AS m (queue_id, starts_at, enqueued, decided, decided_on_time)
    SELECT queue_id, date_trunc('minute', at, 'UTC'), sum(enqueued), sum(decided), sum(decided_on_time)
    FROM counted WHERE at >= %(now)s::timestamptz - interval '25 hours'
    GROUP BY 1, 2 ORDER BY 1, 2
    ON CONFLICT (queue_id, starts_at) DO UPDATE SET
        enqueued = m.enqueued + excluded.enqueued,
        decided = m.decided + excluded.decided,
        decided_on_time = m.decided_on_time + excluded.decided_on_time
),
hours AS (
    INSERT INTO review_queuehour AS h (queue_id, starts_at, enqueued, decided, decided_on_time)
    SELECT queue_id, date_trunc('hour', at, 'UTC'), sum(enqueued), sum(decided), sum(decided_on_time)
    FROM counted WHERE at >= %(now)s::timestamptz - interval '8 days'
    GROUP BY 1, 2 ORDER BY 1, 2
    ON CONFLICT (queue_id, starts_at) DO UPDATE SET
        enqueued = h.enqueued + excluded.enqueued,
        decided = h.decided + excluded.decided,
        decided_on_time = h.decided_on_time + excluded.decided_on_time
),
moved AS (
    UPDATE review_pulsemark SET next_xid = (SELECT max(xid) FROM settled)::text::bigint + 1
    WHERE id = 1 AND EXISTS (SELECT FROM settled)
)
SELECT DISTINCT q.slug FROM counted c JOIN queues_queue q ON q.id = c.queue_id ORDER BY q.slug
