-- Cases with their review and decision, as years of work leave them; their ids are in the order of time, as all are.
WITH numbers AS (
    SELECT i, lpad(to_hex((extract(epoch FROM %(now)s::timestamptz) * 1000)::bigint - 20000000000 + i), 12, '0') AS head
    FROM generate_series(%(first)s::bigint, %(last)s::bigint) i
), made AS (
    INSERT INTO review_case (id, client, client_key, object_id, queue_id, queue_version_id, strategy_id,
        enqueued_at, deadline_at, priority, severity_hint, language, market, data_boundary, content)
    SELECT overlay(gen_random_uuid()::text PLACING substr(n.head, 1, 8) || '-' || substr(n.head, 9) FROM 1)::uuid, '', NULL, '',
        q.id, q.current_version_id, '', %(now)s::timestamptz - interval '20000000 s' + n.i * interval '1 ms',
        %(now)s::timestamptz, 2, '', 'en', '', '', '{}'
    FROM numbers n
    JOIN (SELECT id, current_version_id, row_number() OVER (ORDER BY id) - 1 AS place FROM queues_queue) q
      ON q.place = n.i %% %(queues)s
    RETURNING id, queue_id, queue_version_id, enqueued_at
), reviewed AS (
    INSERT INTO review_review (id, case_id, kind, turn, reviewer_id, queue_id, queue_version_id, assigned_at,
        submitted_at, handle_ms, outcome, reason, labels, action, answer, blind)
    SELECT id, id, 'first', 0, (%(people)s::bigint[])[1 + mod(abs(hashtext(id::text)), %(count)s)],
        queue_id, queue_version_id, enqueued_at, enqueued_at, 1000, 'submitted', '', '{}', 'none', '{}', false
    FROM made RETURNING id, case_id, queue_id, submitted_at
)
INSERT INTO review_decision (id, case_id, version, queue_id, deciding_review_id, rule, decided_at, labels, action,
    violative, enforced, automated, callback_status)
SELECT id, case_id, 0, queue_id, id, 'last_turn', submitted_at, '{}', 'none', false, true, false, 'none'
FROM reviewed
