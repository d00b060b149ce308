-- Takes the first case of all lanes together, where it is certain that the person's most urgent case is among the
-- first. NULL: it is not, and the lanes must be asked one by one. Nearly every claim ends here, at the cost of a
-- few rows whatever the number of lanes; the lanes are for people who may serve few of the queues that lead, for
-- cases of other sites, and for claims by deadline alone.
CREATE OR REPLACE FUNCTION review_claim_first(me record, at timestamptz, wanted bigint[], closed text[],
    avoided text[], luck float8)
RETURNS review_pending LANGUAGE plpgsql AS $$
DECLARE
    start bigint := coalesce(pg_sequence_last_value('review_first_head'), 0);
    from_class smallint := (start >> 56)::smallint;
    from_at timestamptz := timestamptz '2000-01-01Z' + (start & 72057594037927935) * interval '1 microsecond';
    reach record;
    taken review_pending;
BEGIN
    IF EXISTS (SELECT FROM queues_queue q JOIN queues_queueversion v ON v.id = q.current_version_id
               WHERE v.starvation_share > luck AND q.state IN ('canary', 'live', 'recovering')) THEN
        RETURN NULL;
    END IF;
    -- How far to look: no further than a look at every lane would cost.
    SELECT array_agg(f.priority) AS classes, array_agg(f.deadline_at) AS deadlines,
           bool_or(f.site NOT IN ('', me.site)) AS is_shared INTO reach
    FROM (SELECT p.priority, p.deadline_at, p.site FROM review_pending p
          WHERE (p.priority, p.deadline_at) >= (from_class, from_at)
          ORDER BY p.priority, p.deadline_at, p.enqueued_at, p.case_id LIMIT 32) f;
    IF reach.is_shared IS DISTINCT FROM false THEN
        RETURN NULL;
    END IF;
    DELETE FROM review_pending d WHERE d.ctid = (
        SELECT p.ctid
        FROM review_pending p
        WHERE (p.priority, p.deadline_at) >= (from_class, from_at)
          AND (p.priority, p.deadline_at)
              <= (reach.classes[cardinality(reach.classes)], reach.deadlines[cardinality(reach.classes)])
          AND p.site IN ('', me.site)
          AND review_is_for(p, me.id, closed, avoided, at)
          AND (SELECT review_serves(q, v, me.skills, me.data_boundary_id, wanted, closed, avoided)
                      AND (p.language = '' OR p.language = ANY (me.languages)
                           AND (q.languages = '{}' OR p.language = ANY (q.languages)))
                      AND (v.site_shares = '{}'::jsonb OR v.site_shares ? me.site
                           OR me.site = ANY (v.site_overflow))
                      AND (NOT v.certification_required
                           OR review_is_certified(me.id, v.policy_slug, v.policy_number, at))
                      AND (NOT v.sop_required OR review_has_read(me.id, q.id, v.sop_version))
               FROM queues_queue q
               JOIN queues_queueversion v ON v.id = q.current_version_id
               WHERE q.id = p.queue_id)
        ORDER BY p.priority, p.deadline_at, p.enqueued_at, p.case_id LIMIT 1
        FOR UPDATE OF p SKIP LOCKED)
    RETURNING d.* INTO taken;
    RETURN taken;
END $$;
