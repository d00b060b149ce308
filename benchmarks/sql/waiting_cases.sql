-- Cases that wait, spread evenly over the queues.
WITH numbers AS (SELECT i, (ARRAY(SELECT id FROM queues_queue WHERE slug LIKE 'queue-%%' ORDER BY id))
                        [1 + i %% %(queues)s] AS queue_id
                 FROM generate_series(%(first)s::bigint, %(last)s::bigint) AS i),
made AS (
    INSERT INTO review_case (id, client, client_key, object_id, queue_id, queue_version_id, strategy_id,
        enqueued_at, deadline_at, priority, severity_hint, language, market, data_boundary, content)
    SELECT gen_random_uuid(), '', NULL, '', n.queue_id, q.current_version_id, '',
        %(now)s::timestamptz - random() * interval '9 hours',
        %(now)s::timestamptz + random() * interval '9 hours',
        (random() * 3)::int, '', 'en', '', '', '{}'
    FROM numbers n JOIN queues_queue q ON q.id = n.queue_id
    RETURNING id, queue_id, language, priority, deadline_at, enqueued_at
)
INSERT INTO review_pending (case_id, queue_id, language, priority, deadline_at, enqueued_at, turn, excluded)
SELECT id, queue_id, language, priority, deadline_at, enqueued_at, 0, '{}' FROM made
