-- Every nth case that came from outside in a period to queues within reach, with what routing may know of it.
-- Nothing of its content is read.
SELECT s.id::text AS case_id, q.slug AS queue, s.client, s.strategy_id, s.severity_hint, s.risk_score, s.language,
    s.market, s.media_seconds, s.source, s.author_id, s.topics, s.client_key, s.object_id, s.data_boundary,
    r.version, coalesce(nullif(r.surface, ''), q.surface) AS surface, r.labels
FROM (
    SELECT c.*, row_number() OVER (ORDER BY c.enqueued_at, c.id) AS place
    FROM review_case c
    WHERE c.enqueued_at >= %(start)s::timestamptz AND c.enqueued_at < %(end)s::timestamptz
        AND c.queue_id = ANY(%(queues)s::bigint[]) AND c.parent_id IS NULL AND c.purpose = '' AND c.gold_id = ''
) s
JOIN queues_queue q ON q.id = s.queue_id
LEFT JOIN routing_route r ON r.case_id = s.id
WHERE s.place %% %(step)s::bigint = 0
ORDER BY s.place
LIMIT %(bound)s::bigint
