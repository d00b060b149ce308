-- Writes one turn: the review, and either the decision it settles or the next turn it opens; the events of
-- both; the counters; and the reviewer's return to `available`. Always one row: how many of each were written.
WITH given AS MATERIALIZED (
    SELECT %(review)s::uuid AS review_id, %(case)s::uuid AS case_id, %(decision)s::uuid AS decision_id,
           %(now)s::timestamptz AS now, %(dimensions)s::jsonb AS dimensions, %(answer)s::jsonb AS answer,
           %(labels)s::varchar[] AS labels
), review AS (
    INSERT INTO review_review (id, case_id, kind, turn, reviewer_id, queue_id, queue_version_id, assigned_at,
        first_render_at, submitted_at, handle_ms, active_ms, media_ms, outcome, reason, labels, action,
        answer, blind)
    SELECT review_id, case_id, %(kind)s, %(turn)s::smallint, %(reviewer)s::bigint, %(queue)s::bigint,
           %(version)s::bigint, %(assigned_at)s::timestamptz, %(first_render_at)s::timestamptz, now,
           %(handle_ms)s::bigint, %(active_ms)s::bigint, %(media_ms)s::bigint, %(outcome)s, %(reason)s,
           labels, %(action)s, answer, %(blind)s::boolean
    FROM given
    RETURNING id
), decision AS (
    INSERT INTO review_decision (id, case_id, version, queue_id, deciding_review_id, rule, decided_at, labels,
        action, violative, enforced, automated, callback_status)
    SELECT decision_id, case_id, 0, %(queue)s::bigint, review_id, %(rule)s, now, %(decided_labels)s::varchar[],
           %(decided_action)s, %(violative)s::boolean, %(enforced)s::boolean, false, 'none'
    FROM given WHERE decision_id IS NOT NULL
    RETURNING id
), waiting AS (
    INSERT INTO review_pending (case_id, queue_id, language, priority, deadline_at, enqueued_at, turn, excluded)
    SELECT case_id, %(queue)s::bigint, %(language)s, %(priority)s::smallint, %(deadline_at)s::timestamptz,
           %(enqueued_at)s::timestamptz, %(next_turn)s::smallint, %(excluded)s::bigint[]
    FROM given WHERE %(next_turn)s::smallint IS NOT NULL
    RETURNING case_id
), counted AS (
    INSERT INTO review_queuedelta (queue_id, backlog, in_review, at)
    SELECT %(queue)s::bigint, (SELECT count(*) FROM waiting), -1, now FROM given
), activity AS (
    SELECT a.* FROM review_activityinterval a
    WHERE a.reviewer_id = %(reviewer)s::bigint AND a.state = 'handling'
), now_available AS (
    UPDATE review_activityinterval a SET state = 'available', started_at = given.now
    FROM given, activity WHERE a.reviewer_id = activity.reviewer_id
), first_case AS (
    UPDATE people_reviewer SET first_production_on = (given.now AT TIME ZONE 'UTC')::date FROM given
    WHERE people_reviewer.id = %(reviewer)s::bigint AND first_production_on IS NULL
      AND dimensions ->> 'purpose' = 'production' AND %(outcome)s = 'submitted'
), events AS (
    INSERT INTO record_event (at, fact, key, payload)
    SELECT now, 'review', review_id::text, dimensions || jsonb_build_object(
               'review_id', review_id, 'case_id', case_id, 'kind', %(kind)s::text, 'turn', %(turn)s::smallint,
               'assigned_at', record_instant(%(assigned_at)s::timestamptz),
               'first_render_at', record_instant(%(first_render_at)s::timestamptz),
               'submitted_at', record_instant(now),
               'handle_ms', %(handle_ms)s::bigint, 'active_ms', %(active_ms)s::bigint,
               'media_ms', %(media_ms)s::bigint, 'outcome', %(outcome)s::text,
               'answer_json', answer::text, 'labels', to_jsonb(labels), 'action', nullif(%(action)s, ''),
               'policy_version', %(policy_version)s::int, 'template_version', %(template_version)s::int,
               'sop_version', %(sop_version)s::int,
               'blind', %(blind)s::boolean)
    FROM given
    UNION ALL
    SELECT now, 'decision', decision_id::text, dimensions || jsonb_build_object(
               'decision_id', decision_id, 'case_id', case_id, 'decision_version', 0,
               'deciding_review_id', review_id, 'rule', %(rule)s::text,
               'enqueued_at', record_instant(%(enqueued_at)s::timestamptz),
               'deadline_at', record_instant(%(deadline_at)s::timestamptz),
               'decided_at', record_instant(now), 'labels', to_jsonb(%(decided_labels)s::varchar[]),
               'action', nullif(%(decided_action)s, ''), 'violative', %(violative)s::boolean,
               'callback_status', 'none', 'enforced', %(enforced)s::boolean, 'automated', false)
    FROM given WHERE decision_id IS NOT NULL
    UNION ALL
    SELECT started_at, 'activity_interval',
           (given.dimensions ->> 'reviewer_id') || '/' || record_instant(started_at),
           activity.dimensions || jsonb_build_object(
               'interval_id', (given.dimensions ->> 'reviewer_id') || '/' || record_instant(started_at),
               'state', state, 'started_at', record_instant(started_at), 'ended_at', record_instant(now))
    FROM activity, given WHERE started_at < now
    RETURNING id
)
SELECT (SELECT count(*) FROM review) AS reviews, (SELECT count(*) FROM decision) AS decisions,
       (SELECT count(*) FROM waiting) AS waiting, (SELECT count(*) FROM events) AS events
