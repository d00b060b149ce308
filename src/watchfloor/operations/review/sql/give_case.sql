-- Puts a case that no longer waits into a person's hands: the lease, the counters, the person's state. The lease
-- carries all that the end of the turn needs, so that a submit reads no configuration.
CREATE FUNCTION review_give(taken review_pending, person bigint, at timestamptz, ahead boolean)
RETURNS review_lease LANGUAGE plpgsql AS $$
DECLARE
    lease review_lease;
BEGIN
    INSERT INTO review_lease AS l (token, case_id, queue_id, queue_version_id, template_version_id, language,
        priority, deadline_at, enqueued_at, turn, excluded, site, overflow_at, topics, wellness_class,
        reviewer_id, claimed_at, expires_at, dimensions, shown, exposure_class, lease_seconds, is_prefetched,
        decides_alone, is_first_day)
    SELECT review_lease_token(v.id, canary.shown), c.id, q.id, v.id, tv.id, taken.language,
           taken.priority, taken.deadline_at, taken.enqueued_at, taken.turn, taken.excluded, taken.site,
           taken.overflow_at, taken.topics, taken.wellness_class, r.id, at,
           at + make_interval(secs => v.lease_seconds),
           jsonb_build_object(
               'queue_id', q.slug, 'queue_version', v.version, 'purpose', coalesce(nullif(c.purpose, ''), q.purpose),
               'surface', q.surface, 'strategy_id', nullif(c.strategy_id, ''),
               'language', nullif(c.language, ''), 'market', nullif(c.market, ''),
               'data_boundary', nullif(c.data_boundary, ''), 'reviewer_id', r.code, 'site_id', s.slug,
               'team_id', t.slug, 'employer_kind', s.employer_kind, 'tenure_band',
               review_tenure_band(r.first_production_on, (at AT TIME ZONE 'UTC')::date)),
           jsonb_build_object(
               'policy_version', v.policy_number, 'template_version', tv.version, 'sop_version', v.sop_version,
               'gold_id', nullif(c.gold_id, '')),
           CASE WHEN 'severe' IN (v.wellness_class, taken.wellness_class) THEN 'severe'
                WHEN 'elevated' IN (v.wellness_class, taken.wellness_class) THEN 'elevated'
                ELSE 'standard' END,
           v.lease_seconds, ahead,
           taken.turn = 0 AND c.parent_id IS NULL AND (c.gold_id <> '' OR q.mode IN ('label', 'sample_audit')
               OR q.mode = 'sampled_double' AND review_case_draw(c.id, 29, 8) >= v.double_share),
           r.first_production_on IS NULL
    FROM queues_queue q
    JOIN queues_queueversion v ON v.id = q.current_version_id
    JOIN review_case c ON c.id = taken.case_id
    JOIN people_reviewer r ON r.id = person
    JOIN people_team t ON t.id = r.team_id
    JOIN people_site s ON s.id = t.site_id
    CROSS JOIN LATERAL (
        SELECT v.canary_template_version_id IS NOT NULL
               AND review_case_draw(c.id, 25, 4) < v.canary_share AS shown
    ) canary
    LEFT JOIN queues_templateversion tv
      ON tv.id = CASE WHEN canary.shown THEN v.canary_template_version_id ELSE v.template_version_id END
    WHERE q.id = taken.queue_id
    RETURNING l.* INTO lease;
    INSERT INTO review_queuedelta (queue_id, backlog, in_review, at) VALUES (lease.queue_id, -1, 1, at);
    IF NOT ahead THEN
        PERFORM review_move_activity(person, 'available', 'handling', at);
    END IF;
    RETURN lease;
END $$;

-- Gives a named waiting case to a person who already works in its queue. NULL: it may not be theirs.
CREATE FUNCTION review_claim_named(person bigint, at timestamptz, named uuid, queue bigint)
RETURNS uuid LANGUAGE plpgsql AS $$
DECLARE
    taken review_pending;
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
    lease := review_give(taken, person, at, true);
    RETURN lease.token;
END $$;
