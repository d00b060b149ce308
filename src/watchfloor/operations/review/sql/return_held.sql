-- Lets cases that were put aside until now wait again, first for the person who put them aside.
WITH due AS (
    DELETE FROM review_held WHERE case_id IN (
        SELECT case_id FROM review_held WHERE until <= %(now)s::timestamptz
        ORDER BY until, case_id LIMIT %(limit)s::int FOR UPDATE SKIP LOCKED)
    RETURNING *
)
INSERT INTO review_pending (case_id, queue_id, language, priority, deadline_at, enqueued_at, turn, excluded, site,
    overflow_at, topics, wellness_class, reserved_for, reserved_until)
SELECT case_id, queue_id, language, priority, deadline_at, enqueued_at, turn, excluded, site, overflow_at, topics,
       wellness_class, reserved_for, reserved_until
FROM due
