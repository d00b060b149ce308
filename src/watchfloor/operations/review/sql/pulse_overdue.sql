-- Counts the waiting cases past their deadline and returns the queues whose count changed.
WITH counted AS (
    SELECT q.id AS queue_id, coalesce(o.overdue, 0) AS overdue
    FROM queues_queue q
    LEFT JOIN (
        SELECT queue_id, count(*) AS overdue
        FROM review_pending WHERE deadline_at < %(now)s::timestamptz GROUP BY queue_id
    ) o ON o.queue_id = q.id
),
changed AS (
    INSERT INTO review_queueoverdue AS t (queue_id, overdue, counted_at)
    SELECT queue_id, overdue, %(now)s::timestamptz FROM counted ORDER BY queue_id
    ON CONFLICT (queue_id) DO UPDATE SET overdue = excluded.overdue, counted_at = excluded.counted_at
    WHERE t.overdue <> excluded.overdue
    RETURNING t.queue_id
)
SELECT q.slug FROM changed c JOIN queues_queue q ON q.id = c.queue_id ORDER BY q.slug
