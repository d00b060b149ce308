-- Takes the most urgent case that the reviewer may work on, and leases it. No row: there is none.
--
-- Each eligible lane offers the head of one index: by class (severity class, deadline, enqueue instant, id), by
-- deadline alone in the share of the claims that keeps low classes from starving, and by overflow where the
-- lane is another site's. The best head names the lane; the first unlocked row there is taken. Where others hold
-- every row of that lane, the next best lane is tried, so that contention never looks like emptiness.
--
-- Where the most urgent case is surely among the first of all lanes together, it is taken there at once; see
-- claim_first.sql.
--
-- Claims of one person wait for each other, so that two at once cannot pass the limit of cases held.
CREATE OR REPLACE FUNCTION review_claim(person bigint, at timestamptz, wanted bigint[], most int, ahead boolean)
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
    the_case review_case;
BEGIN
    PERFORM pg_advisory_xact_lock(hashtextextended('review_claim', person));
    SELECT p.* INTO me FROM review_person(person) p WHERE p.active;
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
    taken := review_claim_first(me, at, wanted, closed, avoided, luck);
    WHILE taken.case_id IS NULL LOOP
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
            WHERE review_serves(q, v, me.skills, me.data_boundary_id, wanted, closed, avoided)
              AND (l.language = '' OR l.language = ANY (me.languages)
                   AND (q.languages = '{}' OR l.language = ANY (q.languages)))
              AND (v.site_shares = '{}'::jsonb OR v.site_shares ? me.site OR me.site = ANY (v.site_overflow))
              AND (NOT v.certification_required
                   OR review_is_certified(me.id, v.policy_slug, v.policy_number, at))
              AND (NOT v.sop_required OR review_has_read(me.id, q.id, v.sop_version))
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
        tried := tried || best.id;
    END LOOP;
    SELECT c.* INTO the_case FROM review_case c WHERE c.id = taken.case_id;
    lease := review_give(taken, the_case, me, at, ahead);
    token := lease.token;
    case_id := lease.case_id;
    turn := lease.turn;
    queue_id := lease.queue_id;
    queue_version_id := lease.queue_version_id;
    template_version_id := lease.template_version_id;
    deadline_at := lease.deadline_at;
    enqueued_at := lease.enqueued_at;
    claimed_at := lease.claimed_at;
    expires_at := lease.expires_at;
    dimensions := lease.dimensions;
    shown := lease.shown;
    wellness_class := lease.exposure_class;
    object_id := the_case.object_id;
    language := the_case.language;
    topics := the_case.topics;
    content := the_case.content;
    severity_hint := the_case.severity_hint;
    media_seconds := the_case.media_seconds;
    RETURN NEXT;
END $$;
