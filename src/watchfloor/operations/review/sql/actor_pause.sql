-- Moves the deadlines of every open case by the length of a pause, keeps its leases, and corrects its facts.
-- A claim moves along, so that the time in which nobody worked is no handle time.
-- Returns how many cases were moved. The case itself is written once and keeps the deadline it came with.
WITH waiting AS (
    UPDATE review_pending SET deadline_at = deadline_at + %(pause)s::interval
    RETURNING case_id, queue_id, deadline_at
),
held AS (
    UPDATE review_lease SET
        deadline_at = deadline_at + %(pause)s::interval, expires_at = expires_at + %(pause)s::interval,
        claimed_at = claimed_at + %(pause)s::interval
    RETURNING case_id, queue_id, deadline_at
),
moved AS (
    SELECT * FROM waiting UNION ALL SELECT * FROM held
),
due_again AS (
    INSERT INTO review_queuehour AS h (queue_id, starts_at, due)
    SELECT queue_id, starts_at, sum(due) FROM (
        SELECT queue_id, date_trunc('hour', deadline_at, 'UTC') AS starts_at, 1 AS due FROM moved
        UNION ALL
        SELECT queue_id, date_trunc('hour', deadline_at - %(pause)s::interval, 'UTC'), -1 FROM moved
    ) change
    GROUP BY 1, 2 ORDER BY 1, 2
    ON CONFLICT (queue_id, starts_at) DO UPDATE SET due = h.due + excluded.due
),
corrected AS (
    INSERT INTO record_event (at, fact, key, payload)
    SELECT
        %(now)s::timestamptz, 'case', c.id || ' moved to ' || record_instant(m.deadline_at),
        jsonb_build_object(
            'case_id', c.id, 'object_id', nullif(c.object_id, ''), 'queue_id', q.slug, 'queue_version', v.version,
            'purpose', coalesce(nullif(c.purpose, ''), q.purpose), 'surface', q.surface, 'strategy_id', nullif(c.strategy_id, ''),
            'language', nullif(c.language, ''), 'market', nullif(c.market, ''),
            'data_boundary', nullif(c.data_boundary, ''), 'enqueued_at', record_instant(c.enqueued_at),
            'deadline_at', record_instant(m.deadline_at), 'priority', c.priority,
            'severity_hint', nullif(c.severity_hint, ''), 'risk_score', c.risk_score,
            'media_seconds', c.media_seconds, 'parent_case_id', c.parent_id)
    FROM moved m
    JOIN review_case c ON c.id = m.case_id
    JOIN queues_queue q ON q.id = c.queue_id
    JOIN queues_queueversion v ON v.id = c.queue_version_id
    RETURNING id
)
SELECT count(*) AS moved FROM corrected
