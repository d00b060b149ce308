-- Puts a case that no longer waits into a person's hands: the lease, the counters, the person's state. The lease
-- carries all that the end of the turn needs, so that a submit reads no configuration.
-- Small statements, each over a row or three: one that joins them all takes longer to begin than to run.
CREATE OR REPLACE FUNCTION review_give(taken review_pending, the_case review_case, me record, at timestamptz,
    ahead boolean)
RETURNS review_lease LANGUAGE plpgsql AS $$
DECLARE
    queue record;
    lease review_lease;
BEGIN
    SELECT q.slug, q.purpose, q.surface, q.mode, v.id AS version_id, v.version, v.lease_seconds, v.policy_number,
           v.sop_version, v.wellness_class, v.double_share, canary.is_shown, tv.id AS template_id,
           tv.version AS template_version INTO queue
    FROM queues_queue q
    JOIN queues_queueversion v ON v.id = q.current_version_id
    CROSS JOIN LATERAL (
        SELECT v.canary_template_version_id IS NOT NULL
               AND review_case_draw(taken.case_id, 25, 4) < v.canary_share AS is_shown
    ) canary
    LEFT JOIN queues_templateversion tv
      ON tv.id = CASE WHEN canary.is_shown THEN v.canary_template_version_id ELSE v.template_version_id END
    WHERE q.id = taken.queue_id;
    INSERT INTO review_lease AS l (token, case_id, queue_id, queue_version_id, template_version_id, language,
        priority, deadline_at, enqueued_at, turn, excluded, site, overflow_at, topics, wellness_class,
        reviewer_id, claimed_at, expires_at, dimensions, shown, exposure_class, lease_seconds, is_prefetched,
        decides_alone, is_first_day)
    VALUES (review_lease_token(queue.version_id, queue.is_shown), taken.case_id, taken.queue_id, queue.version_id,
        queue.template_id, taken.language, taken.priority, taken.deadline_at, taken.enqueued_at, taken.turn,
        taken.excluded, taken.site, taken.overflow_at, taken.topics, taken.wellness_class, me.id, at,
        at + make_interval(secs => queue.lease_seconds),
        jsonb_build_object(
            'queue_id', queue.slug, 'queue_version', queue.version,
            'purpose', coalesce(nullif(the_case.purpose, ''), queue.purpose),
            'surface', queue.surface, 'strategy_id', nullif(the_case.strategy_id, ''),
            'language', nullif(the_case.language, ''), 'market', nullif(the_case.market, ''),
            'data_boundary', nullif(the_case.data_boundary, ''), 'reviewer_id', me.code, 'site_id', me.site,
            'team_id', me.team, 'employer_kind', me.employer_kind, 'tenure_band',
            review_tenure_band(me.first_production_on, (at AT TIME ZONE 'UTC')::date)),
        jsonb_build_object(
            'policy_version', queue.policy_number, 'template_version', queue.template_version,
            'sop_version', queue.sop_version, 'gold_id', nullif(the_case.gold_id, '')),
        CASE WHEN 'severe' IN (queue.wellness_class, taken.wellness_class) THEN 'severe'
             WHEN 'elevated' IN (queue.wellness_class, taken.wellness_class) THEN 'elevated'
             ELSE 'standard' END,
        queue.lease_seconds, ahead,
        taken.turn = 0 AND the_case.parent_id IS NULL
            AND (the_case.gold_id <> '' OR queue.mode IN ('label', 'sample_audit')
                 OR queue.mode = 'sampled_double'
                    AND review_case_draw(taken.case_id, 29, 8) >= queue.double_share),
        me.first_production_on IS NULL)
    RETURNING l.* INTO lease;
    INSERT INTO review_queuedelta (queue_id, backlog, in_review, at) VALUES (lease.queue_id, -1, 1, at);
    IF NOT ahead THEN
        PERFORM review_move_activity(me.id, 'available', 'handling', at);
    END IF;
    RETURN lease;
END $$;

-- Gives a named waiting case to a person who already works in its queue. NULL: it may not be theirs.
CREATE OR REPLACE FUNCTION review_claim_named(person bigint, at timestamptz, named uuid, queue bigint)
RETURNS uuid LANGUAGE plpgsql AS $$
DECLARE
    taken review_pending;
    the_case review_case;
    me record;
    lease review_lease;
BEGIN
    DELETE FROM review_pending d WHERE d.case_id = (
        SELECT p.case_id FROM review_pending p
        WHERE p.case_id = named AND p.queue_id = queue AND p.turn = 0
          AND review_is_for(p, person, wellbeing_closed(person, at), wellbeing_opted_out(person), at)
        FOR UPDATE SKIP LOCKED)
    RETURNING d.* INTO taken;
    IF NOT FOUND THEN
        RETURN NULL;
    END IF;
    SELECT c.* INTO the_case FROM review_case c WHERE c.id = taken.case_id;
    SELECT p.* INTO me FROM review_person(person) p;
    lease := review_give(taken, the_case, me, at, true);
    RETURN lease.token;
END $$;
