-- Takes the most urgent case that the reviewer may work on, and leases it. No row: there is none.
--
-- A lane is a queue and a language. The head of each eligible lane is one index probe; the best head names
-- the lane; the first unlocked row there is taken. Where others hold every row of that lane, each lane's
-- first unlocked row is locked and the best of those is taken, so that contention never looks like emptiness.
WITH me AS MATERIALIZED (
    SELECT r.id, r.code, r.languages, r.skills, r.data_boundary_id,
           t.slug AS team, s.slug AS site, s.employer_kind,
           review_tenure_band(r.first_production_on, (%(now)s::timestamptz AT TIME ZONE 'UTC')::date) AS tenure
    FROM people_reviewer r
    JOIN people_team t ON t.id = r.team_id
    JOIN people_site s ON s.id = t.site_id
    WHERE r.id = %(reviewer)s::bigint AND r.active
), lanes AS MATERIALIZED (
    SELECT q.id AS queue_id, q.current_version_id AS version_id, lane.language
    FROM me
    JOIN queues_queue q
      ON q.state IN ('canary', 'live', 'recovering')
     AND (q.data_boundary_id IS NULL OR q.data_boundary_id = me.data_boundary_id)
     AND (%(queues)s::bigint[] IS NULL OR q.id = ANY (%(queues)s::bigint[]))
    JOIN queues_queueversion v
      ON v.id = q.current_version_id
     AND me.skills @> v.required_skills
     AND (v.site_shares = '{}'::jsonb OR v.site_shares ? me.site)
     AND (NOT v.certification_required OR EXISTS (
            SELECT FROM people_certification c
            WHERE c.reviewer_id = me.id AND c.policy = v.policy_slug AND c.policy_version = v.policy_number
              AND (c.expires_at IS NULL OR c.expires_at > %(now)s::timestamptz)))
    CROSS JOIN LATERAL unnest(me.languages || ARRAY['']::varchar[]) AS lane (language)
    WHERE lane.language = '' OR q.languages = '{}' OR lane.language = ANY (q.languages)
), best AS MATERIALIZED (
    SELECT lanes.queue_id, lanes.language
    FROM lanes
    CROSS JOIN LATERAL (
        SELECT p.priority, p.deadline_at, p.enqueued_at, p.case_id
        FROM review_pending p
        WHERE p.queue_id = lanes.queue_id AND p.language = lanes.language
          AND %(reviewer)s::bigint <> ALL (p.excluded)
        ORDER BY p.priority, p.deadline_at, p.enqueued_at, p.case_id
        LIMIT 1
    ) head
    ORDER BY head.priority, head.deadline_at, head.enqueued_at, head.case_id
    LIMIT 1
), locked AS MATERIALIZED (
    SELECT row.case_id
    FROM best
    CROSS JOIN LATERAL (
        SELECT p.case_id
        FROM review_pending p
        WHERE p.queue_id = best.queue_id AND p.language = best.language
          AND %(reviewer)s::bigint <> ALL (p.excluded)
        ORDER BY p.priority, p.deadline_at, p.enqueued_at, p.case_id
        LIMIT 1
        FOR UPDATE SKIP LOCKED
    ) row
), locked_elsewhere AS MATERIALIZED (
    SELECT row.*
    FROM lanes
    CROSS JOIN LATERAL (
        SELECT p.priority, p.deadline_at, p.enqueued_at, p.case_id
        FROM review_pending p
        WHERE p.queue_id = lanes.queue_id AND p.language = lanes.language
          AND %(reviewer)s::bigint <> ALL (p.excluded)
          AND NOT EXISTS (SELECT FROM locked) AND EXISTS (SELECT FROM best)
        ORDER BY p.priority, p.deadline_at, p.enqueued_at, p.case_id
        LIMIT 1
        FOR UPDATE SKIP LOCKED
    ) row
), chosen AS (
    SELECT case_id FROM locked
    UNION ALL
    (SELECT case_id FROM locked_elsewhere ORDER BY priority, deadline_at, enqueued_at, case_id LIMIT 1)
), taken AS (
    DELETE FROM review_pending p USING chosen
    WHERE p.case_id = chosen.case_id
    RETURNING p.*
), leased AS (
    INSERT INTO review_lease (token, case_id, queue_id, queue_version_id, language, priority, deadline_at,
        enqueued_at, turn, excluded, reviewer_id, claimed_at, expires_at, dimensions)
    SELECT gen_random_uuid(), taken.case_id, taken.queue_id, v.id, taken.language, taken.priority,
           taken.deadline_at, taken.enqueued_at, taken.turn, taken.excluded, me.id, %(now)s::timestamptz,
           %(now)s::timestamptz + make_interval(secs => v.lease_seconds),
           jsonb_build_object(
               'queue_id', q.slug, 'queue_version', v.version, 'purpose', coalesce(nullif(c.purpose, ''), q.purpose), 'surface', q.surface,
               'strategy_id', nullif(c.strategy_id, ''), 'language', nullif(c.language, ''),
               'market', nullif(c.market, ''), 'data_boundary', nullif(c.data_boundary, ''),
               'reviewer_id', me.code, 'site_id', me.site, 'team_id', me.team,
               'employer_kind', me.employer_kind, 'tenure_band', me.tenure)
    FROM taken
    CROSS JOIN me
    JOIN queues_queue q ON q.id = taken.queue_id
    JOIN queues_queueversion v ON v.id = q.current_version_id
    JOIN review_case c ON c.id = taken.case_id
    RETURNING *
), counted AS (
    INSERT INTO review_queuedelta (queue_id, backlog, in_review, at)
    SELECT queue_id, -1, 1, %(now)s::timestamptz FROM taken
), was_available AS (
    SELECT a.* FROM review_activityinterval a JOIN leased ON a.reviewer_id = leased.reviewer_id
    WHERE a.state = 'available'
), now_handling AS (
    UPDATE review_activityinterval a SET state = 'handling', started_at = %(now)s::timestamptz
    FROM was_available w WHERE a.reviewer_id = w.reviewer_id
), closed AS (
    INSERT INTO record_event (at, fact, key, payload)
    SELECT w.started_at, 'activity_interval',
           (leased.dimensions ->> 'reviewer_id') || '/' || record_instant(w.started_at),
           w.dimensions || jsonb_build_object(
               'interval_id', (leased.dimensions ->> 'reviewer_id') || '/' || record_instant(w.started_at),
               'state', w.state, 'started_at', record_instant(w.started_at),
               'ended_at', record_instant(%(now)s::timestamptz))
    FROM was_available w JOIN leased ON leased.reviewer_id = w.reviewer_id
    WHERE w.started_at < %(now)s::timestamptz
)
SELECT leased.token, leased.case_id, leased.turn, leased.queue_id, leased.queue_version_id,
       leased.deadline_at, leased.enqueued_at, leased.claimed_at, leased.expires_at, leased.dimensions,
       c.object_id, c.language, c.content, c.severity_hint, c.media_seconds
FROM leased
JOIN review_case c ON c.id = leased.case_id
