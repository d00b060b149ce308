-- Writes one turn: the review, and either the decision it settles or the next turn it opens; the events of
-- both; the counters; and the reviewer's return to `available`. Always one row: how many of each were written.
-- Each value is given once: the driver keeps short statements parsed, and prepares them once.
WITH given AS MATERIALIZED (
    SELECT %(review)s::uuid AS review_id, %(case)s::uuid AS case_id, %(decision)s::uuid AS decision_id,
           %(now)s::timestamptz AS now, %(dimensions)s::jsonb AS dimensions, %(answer)s::jsonb AS answer,
           %(labels)s::varchar[] AS labels, %(kind)s::text AS kind, %(turn)s::smallint AS turn,
           %(reviewer)s::bigint AS reviewer, %(queue)s::bigint AS queue, %(version)s::bigint AS version,
           %(assigned_at)s::timestamptz AS assigned_at, %(first_render_at)s::timestamptz AS first_render_at,
           %(handle_ms)s::bigint AS handle_ms, %(active_ms)s::bigint AS active_ms,
           %(media_ms)s::bigint AS media_ms, %(outcome)s::text AS outcome, %(reason)s::text AS reason,
           %(action)s::text AS action, %(blind)s::boolean AS blind, %(rule)s::text AS rule,
           %(decided_labels)s::varchar[] AS decided_labels, %(decided_action)s::text AS decided_action,
           %(violative)s::boolean AS violative, %(enforced)s::boolean AS enforced,
           %(language)s::text AS language, %(priority)s::smallint AS priority,
           %(deadline_at)s::timestamptz AS deadline_at, %(enqueued_at)s::timestamptz AS enqueued_at,
           %(next_turn)s::smallint AS next_turn, %(excluded)s::bigint[] AS excluded,
           %(policy_version)s::int AS policy_version, %(template_version)s::int AS template_version,
           %(sop_version)s::int AS sop_version, %(decision_version)s::smallint AS decision_version,
           %(supersedes)s::uuid AS supersedes
), review AS (
    INSERT INTO review_review (id, case_id, kind, turn, reviewer_id, queue_id, queue_version_id, assigned_at,
        first_render_at, submitted_at, handle_ms, active_ms, media_ms, outcome, reason, labels, action,
        answer, blind)
    SELECT review_id, case_id, kind, turn, reviewer, queue, version, assigned_at, first_render_at, now,
           handle_ms, active_ms, media_ms, outcome, reason, labels, action, answer, blind
    FROM given
    RETURNING id
), decision AS (
    INSERT INTO review_decision (id, case_id, version, queue_id, deciding_review_id, rule, decided_at, labels,
        action, violative, enforced, automated, supersedes_id, callback_status)
    SELECT decision_id, case_id, decision_version, queue, review_id, rule, now, decided_labels, decided_action, violative,
           enforced, false, supersedes, 'none'
    FROM given WHERE decision_id IS NOT NULL
    RETURNING id
), waiting AS (
    INSERT INTO review_pending (case_id, queue_id, language, priority, deadline_at, enqueued_at, turn, excluded)
    SELECT case_id, queue, language, priority, deadline_at, enqueued_at, next_turn, excluded
    FROM given WHERE next_turn IS NOT NULL
    RETURNING case_id
), counted AS (
    INSERT INTO review_queuedelta (queue_id, backlog, in_review, at)
    SELECT queue, (SELECT count(*) FROM waiting), -1, now FROM given
), activity AS (
    SELECT a.* FROM review_activityinterval a JOIN given ON a.reviewer_id = given.reviewer
    WHERE a.state = 'handling'
), now_available AS (
    UPDATE review_activityinterval a SET state = 'available', started_at = given.now
    FROM given, activity WHERE a.reviewer_id = activity.reviewer_id
), first_case AS (
    UPDATE people_reviewer r SET first_production_on = (given.now AT TIME ZONE 'UTC')::date FROM given
    WHERE r.id = given.reviewer AND r.first_production_on IS NULL
      AND given.dimensions ->> 'purpose' = 'production' AND given.outcome = 'submitted'
), events AS (
    INSERT INTO record_event (at, fact, key, payload)
    SELECT now, 'review', review_id::text, dimensions || jsonb_build_object(
               'review_id', review_id, 'case_id', case_id, 'kind', kind, 'turn', turn,
               'assigned_at', record_instant(assigned_at),
               'first_render_at', record_instant(first_render_at), 'submitted_at', record_instant(now),
               'handle_ms', handle_ms, 'active_ms', active_ms, 'media_ms', media_ms, 'outcome', outcome,
               'answer_json', answer::text, 'labels', to_jsonb(labels), 'action', nullif(action, ''),
               'policy_version', policy_version, 'template_version', template_version,
               'sop_version', sop_version, 'blind', blind)
    FROM given
    UNION ALL
    SELECT now, 'decision', decision_id::text, dimensions || jsonb_build_object(
               'decision_id', decision_id, 'case_id', case_id, 'decision_version', decision_version,
               'deciding_review_id', review_id, 'rule', rule, 'enqueued_at', record_instant(enqueued_at),
               'deadline_at', record_instant(deadline_at), 'decided_at', record_instant(now),
               'labels', to_jsonb(decided_labels), 'action', nullif(decided_action, ''),
               'violative', violative, 'supersedes', supersedes, 'callback_status', 'none', 'enforced', enforced, 'automated', false)
    FROM given WHERE decision_id IS NOT NULL
    UNION ALL
    SELECT activity.started_at, 'activity_interval',
           (given.dimensions ->> 'reviewer_id') || '/' || record_instant(activity.started_at),
           activity.dimensions || jsonb_build_object(
               'interval_id', (given.dimensions ->> 'reviewer_id') || '/' || record_instant(activity.started_at),
               'state', activity.state, 'started_at', record_instant(activity.started_at),
               'ended_at', record_instant(given.now))
    FROM activity, given WHERE activity.started_at < given.now
    RETURNING id
)
SELECT (SELECT count(*) FROM review) AS reviews, (SELECT count(*) FROM decision) AS decisions,
       (SELECT count(*) FROM waiting) AS waiting, (SELECT count(*) FROM events) AS events
