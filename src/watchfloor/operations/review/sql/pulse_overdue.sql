-- Counts the waiting cases past their deadline and returns the queues whose count changed. Cost: the lanes, and
-- the cases counted, from an index alone.
WITH counted AS (
    SELECT q.id AS queue_id, coalesce(sum(late.overdue), 0)::bigint AS overdue
    FROM queues_queue q
    LEFT JOIN review_lane l ON l.queue_id = q.id
    LEFT JOIN LATERAL (
        SELECT count(*) AS overdue FROM review_pending p
        WHERE p.queue_id = l.queue_id AND p.site = l.site AND p.language = l.language
            AND p.deadline_at >= review_deadline_head(l.id, l.has_heads)
            AND p.deadline_at < %(now)s::timestamptz
    ) late ON true
    GROUP BY q.id
),
changed AS (
    INSERT INTO review_queueoverdue AS t (queue_id, overdue, counted_at)
    SELECT queue_id, overdue, %(now)s::timestamptz FROM counted ORDER BY queue_id
    ON CONFLICT (queue_id) DO UPDATE SET overdue = excluded.overdue, counted_at = excluded.counted_at
    WHERE t.overdue <> excluded.overdue
    RETURNING t.queue_id
)
SELECT q.slug FROM changed c JOIN queues_queue q ON q.id = c.queue_id ORDER BY q.slug
