-- Takes the most urgent case that the reviewer may work on, and leases it. No row: there is none.
--
-- Each eligible lane offers the head of one index: by class (severity class, deadline, enqueue instant, id), by
-- deadline alone in the share of the claims that keeps low classes from starving, and by overflow where the
-- lane is another site's. The best head names the lane; the first unlocked row there is taken. Where others hold
-- every row of that lane, the next best lane is tried, so that contention never looks like emptiness.
--
-- Claims of one person wait for each other, so that two at once cannot pass the limit of cases held.
CREATE FUNCTION review_claim(person bigint, at timestamptz, wanted bigint[], most int, ahead boolean)
RETURNS TABLE (token uuid, case_id uuid, turn int, queue_id bigint, queue_version_id bigint,
    template_version_id bigint, deadline_at timestamptz, enqueued_at timestamptz, claimed_at timestamptz,
    expires_at timestamptz, dimensions jsonb, shown jsonb, wellness_class text, object_id text, language text,
    topics text[], content jsonb, severity_hint text, media_seconds float8)
LANGUAGE plpgsql AS $$
#variable_conflict use_column
DECLARE
    me record;
    closed text[];
    avoided text[];
    luck float8;
    tried bigint[] := '{}';
    best record;
    taken review_pending;
    lease review_lease;
BEGIN
    PERFORM pg_advisory_xact_lock(hashtextextended('review_claim', person));
    SELECT r.id, r.languages, r.skills, r.data_boundary_id, s.slug AS site INTO me
    FROM people_reviewer r
    JOIN people_team t ON t.id = r.team_id
    JOIN people_site s ON s.id = t.site_id
    WHERE r.id = person AND r.active;
    IF NOT FOUND OR (SELECT count(*) FROM review_lease l WHERE l.reviewer_id = person) >= most THEN
        RETURN;
    END IF;
    closed := wellbeing_closed(person, at);
    IF closed @> '{standard,elevated,severe}' THEN
        RETURN;
    END IF;
    avoided := wellbeing_opted_out(person);
    -- A Weyl sequence: whatever the share, every stretch of claims holds it evenly, for each person too.
    luck := mod(nextval('review_claim_number') * 2654435769, 4294967296)::float8 / 4294967296.0;
    LOOP
        WITH lanes AS MATERIALIZED (
            SELECT l.id, l.queue_id, l.site, l.language, way.kind,
                   CASE way.kind WHEN 'class' THEN review_class_head(l.id, l.has_heads) END AS class_head,
                   CASE way.kind WHEN 'deadline' THEN review_deadline_head(l.id, l.has_heads) END AS deadline_head,
                   CASE WHEN v.site_overflow = '{}' THEN 0.0
                        ELSE coalesce((array_position(v.site_overflow, me.site) - 1)::float8
                                      / cardinality(v.site_overflow), 1.0) END AS patience
            FROM queues_queue q
            JOIN queues_queueversion v ON v.id = q.current_version_id
            JOIN review_lane l ON l.queue_id = q.id
            CROSS JOIN LATERAL (
                SELECT CASE
                    WHEN l.site NOT IN ('', me.site) AND v.site_shares <> '{}'::jsonb THEN 'overflow'
                    WHEN luck < v.starvation_share THEN 'deadline'
                    ELSE 'class' END AS kind
            ) way
            WHERE q.state IN ('canary', 'live', 'recovering')
              AND (q.data_boundary_id IS NULL OR q.data_boundary_id = me.data_boundary_id)
              AND (wanted IS NULL OR q.id = ANY (wanted))
              AND me.skills @> v.required_skills
              AND (l.language = '' OR l.language = ANY (me.languages)
                   AND (q.languages = '{}' OR l.language = ANY (q.languages)))
              AND (v.site_shares = '{}'::jsonb OR v.site_shares ? me.site OR me.site = ANY (v.site_overflow))
              AND v.wellness_class <> ALL (closed)
              AND NOT v.topics && avoided::varchar[]
              AND (NOT v.certification_required OR EXISTS (
                      SELECT FROM people_certification c
                      WHERE c.reviewer_id = me.id AND c.policy = v.policy_slug
                        AND c.policy_version = v.policy_number AND (c.expires_at IS NULL OR c.expires_at > at)))
              AND l.id <> ALL (tried)
        )
        SELECT lanes.*, head.overflow_at INTO best
        FROM lanes
        CROSS JOIN LATERAL (
            (SELECT p.priority, p.deadline_at, p.enqueued_at, p.case_id, p.overflow_at
             FROM review_pending p
             WHERE lanes.kind = 'class'
               AND p.queue_id = lanes.queue_id AND p.site = lanes.site AND p.language = lanes.language
               AND (p.priority, p.deadline_at) >= ((lanes.class_head >> 56)::smallint, timestamptz '2000-01-01Z'
                    + (lanes.class_head & 72057594037927935) * interval '1 microsecond')
               AND review_is_for(p, person, closed, avoided, at)
             ORDER BY p.priority, p.deadline_at, p.enqueued_at, p.case_id LIMIT 1)
            UNION ALL
            (SELECT p.priority, p.deadline_at, p.enqueued_at, p.case_id, p.overflow_at
             FROM review_pending p
             WHERE lanes.kind = 'deadline'
               AND p.queue_id = lanes.queue_id AND p.site = lanes.site AND p.language = lanes.language
               AND p.deadline_at >= lanes.deadline_head
               AND review_is_for(p, person, closed, avoided, at)
             ORDER BY p.deadline_at, p.enqueued_at, p.case_id LIMIT 1)
            UNION ALL
            (SELECT p.priority, p.deadline_at, p.enqueued_at, p.case_id, p.overflow_at
             FROM (SELECT * FROM review_pending w
                   WHERE lanes.kind = 'overflow' AND w.site <> ''
                     AND w.queue_id = lanes.queue_id AND w.site = lanes.site AND w.language = lanes.language
                     AND w.overflow_at <= at AND review_is_for(w, person, closed, avoided, at)
                   ORDER BY w.overflow_at, w.case_id LIMIT 100) p
             WHERE p.overflow_at + (p.deadline_at - p.overflow_at) * lanes.patience <= at
             LIMIT 1)
        ) head
        ORDER BY CASE WHEN (SELECT bool_or(x.kind = 'deadline') FROM lanes x) THEN 0 ELSE head.priority END,
                 head.deadline_at, head.enqueued_at, head.case_id
        LIMIT 1;
        IF NOT FOUND THEN
            RETURN;
        END IF;
        IF best.kind = 'class' THEN
            DELETE FROM review_pending d WHERE d.case_id = (
                SELECT p.case_id FROM review_pending p
                WHERE p.queue_id = best.queue_id AND p.site = best.site AND p.language = best.language
                  AND (p.priority, p.deadline_at) >= ((best.class_head >> 56)::smallint, timestamptz '2000-01-01Z'
                       + (best.class_head & 72057594037927935) * interval '1 microsecond')
                  AND review_is_for(p, person, closed, avoided, at)
                ORDER BY p.priority, p.deadline_at, p.enqueued_at, p.case_id LIMIT 1
                FOR UPDATE SKIP LOCKED)
            RETURNING d.* INTO taken;
        ELSIF best.kind = 'deadline' THEN
            DELETE FROM review_pending d WHERE d.case_id = (
                SELECT p.case_id FROM review_pending p
                WHERE p.queue_id = best.queue_id AND p.site = best.site AND p.language = best.language
                  AND p.deadline_at >= best.deadline_head
                  AND review_is_for(p, person, closed, avoided, at)
                ORDER BY p.deadline_at, p.enqueued_at, p.case_id LIMIT 1
                FOR UPDATE SKIP LOCKED)
            RETURNING d.* INTO taken;
        ELSE
            DELETE FROM review_pending d WHERE d.case_id = (
                SELECT p.case_id FROM review_pending p
                WHERE p.site <> '' AND p.queue_id = best.queue_id AND p.site = best.site
                  AND p.language = best.language AND p.overflow_at BETWEEN best.overflow_at AND at
                  AND p.overflow_at + (p.deadline_at - p.overflow_at) * best.patience <= at
                  AND review_is_for(p, person, closed, avoided, at)
                ORDER BY p.overflow_at, p.case_id LIMIT 1
                FOR UPDATE SKIP LOCKED)
            RETURNING d.* INTO taken;
        END IF;
        EXIT WHEN FOUND;
        tried := tried || best.id;
    END LOOP;
    lease := review_give(taken, person, at, ahead);
    RETURN QUERY
    SELECT lease.token, lease.case_id, lease.turn::int, lease.queue_id, lease.queue_version_id,
           lease.template_version_id, lease.deadline_at, lease.enqueued_at, lease.claimed_at, lease.expires_at,
           lease.dimensions, lease.shown, lease.exposure_class::text, c.object_id::text, c.language::text,
           c.topics::text[], c.content, c.severity_hint::text, c.media_seconds
    FROM review_case c WHERE c.id = lease.case_id;
END $$;
