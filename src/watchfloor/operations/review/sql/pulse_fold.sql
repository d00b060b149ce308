-- Folds the committed deltas into the pulse and returns the queues that changed. A delta that commits later is
-- left for the next fold. Cost: the deltas taken, whatever the number of queues and cases.
WITH taken AS (
    DELETE FROM review_queuedelta
    WHERE id IN (SELECT id FROM review_queuedelta ORDER BY id LIMIT %(limit)s::bigint)
    RETURNING queue_id, backlog, in_review
),
by_queue AS (
    SELECT queue_id, sum(backlog) AS backlog, sum(in_review) AS in_review FROM taken GROUP BY queue_id
),
pulse AS (
    INSERT INTO review_queuepulse AS p (queue_id, backlog, in_review, updated_at)
    SELECT queue_id, backlog, in_review, %(now)s::timestamptz FROM by_queue ORDER BY queue_id
    ON CONFLICT (queue_id) DO UPDATE SET
        backlog = p.backlog + excluded.backlog,
        in_review = p.in_review + excluded.in_review,
        updated_at = excluded.updated_at
)
SELECT q.slug FROM by_queue b JOIN queues_queue q ON q.id = b.queue_id ORDER BY q.slug
