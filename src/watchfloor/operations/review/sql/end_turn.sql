-- Ends a turn whose lease is still good: takes the lease, writes the review, and what follows from it. No row:
-- the token is stale, or (where no resolution is given) the answer does not decide the case alone.
--
-- `settled` says that the caller resolved the case: into a decision, into the turn `next_turn` (-1: the same one
-- again), or into neither. Otherwise the answer itself decides, in a case whose lease says that it may.
CREATE OR REPLACE FUNCTION review_end_turn(lease_token uuid, at timestamptz, late boolean, settled boolean, review uuid,
    decision uuid, outcome text, reason text, answer jsonb, labels varchar[], action text, violative boolean,
    rendered_at timestamptz, active_ms bigint, media_ms bigint, idle_ms bigint, visible_ms bigint,
    blurred boolean, sound_on boolean, rule text, decided_labels varchar[], decided_action text,
    decision_version int, supersedes uuid, next_turn int, excludes boolean, first_of_all boolean,
    sent_to bigint, sent_until timestamptz, hold_until timestamptz)
RETURNS TABLE (case_id uuid, decision_id uuid, decided_by text, opened_turn int, reviewer_id bigint)
LANGUAGE plpgsql AS $$
#variable_conflict use_variable
DECLARE
    lease review_lease;
    handle bigint;
    is_enforced boolean;
    kind text;
    shut_out bigint[];
    opens smallint;
    waits boolean;
BEGIN
    DELETE FROM review_lease l
    WHERE l.token = lease_token AND (l.expires_at > at OR late) AND (l.decides_alone OR settled)
    RETURNING l.* INTO lease;
    IF NOT FOUND THEN
        RETURN;
    END IF;
    case_id := lease.case_id;
    reviewer_id := lease.reviewer_id;
    IF NOT settled THEN
        rule := 'last_turn';
        decided_labels := labels;
        decided_action := action;
        decision_version := 0;
    END IF;
    IF lease.is_prefetched AND outcome IN ('returned', 'timeout') THEN
        review := NULL;  -- it was never begun: nothing to record of the person
    END IF;
    handle := greatest(0, (extract(epoch FROM at - lease.claimed_at) * 1000)::bigint - coalesce(idle_ms, 0));
    kind := CASE lease.turn WHEN 0 THEN 'first' WHEN 1 THEN 'second' ELSE 'third' END;
    is_enforced := lease.dimensions ->> 'purpose' IN ('production', 'appeal');
    IF review IS NOT NULL THEN
        INSERT INTO review_review (id, case_id, kind, turn, reviewer_id, queue_id, queue_version_id, assigned_at,
            first_render_at, submitted_at, handle_ms, active_ms, media_ms, outcome, reason, labels, action,
            answer, blind)
        VALUES (review, lease.case_id, kind, lease.turn, lease.reviewer_id, lease.queue_id,
            lease.queue_version_id, lease.claimed_at, rendered_at, at, handle, active_ms, media_ms, outcome,
            reason, labels, action, answer, lease.turn > 0);
        INSERT INTO record_event (at, fact, key, payload)
        VALUES (at, 'review', review::text, lease.dimensions || lease.shown || jsonb_build_object(
            'review_id', review, 'case_id', lease.case_id, 'kind', kind, 'turn', lease.turn,
            'assigned_at', record_instant(lease.claimed_at), 'first_render_at', record_instant(rendered_at),
            'submitted_at', record_instant(at), 'handle_ms', handle, 'active_ms', active_ms,
            'media_ms', media_ms, 'outcome', outcome, 'answer_json', answer::text, 'labels', to_jsonb(labels),
            'action', nullif(action, ''), 'blind', lease.turn > 0));
    END IF;
    IF rule <> '' THEN
        decision_id := decision;
        decided_by := rule;
        INSERT INTO review_decision (id, case_id, version, queue_id, deciding_review_id, rule, decided_at, labels,
            action, violative, enforced, automated, supersedes_id, callback_status)
        VALUES (decision, lease.case_id, decision_version, lease.queue_id, review, rule, at, decided_labels,
            decided_action, violative, is_enforced, false, supersedes, 'none');
        INSERT INTO record_event (at, fact, key, payload)
        VALUES (at, 'decision', decision::text, lease.dimensions || jsonb_build_object(
            'decision_id', decision, 'case_id', lease.case_id, 'decision_version', decision_version,
            'deciding_review_id', review, 'rule', rule, 'enqueued_at', record_instant(lease.enqueued_at),
            'deadline_at', record_instant(lease.deadline_at), 'decided_at', record_instant(at),
            'labels', to_jsonb(decided_labels), 'action', nullif(decided_action, ''), 'violative', violative,
            'supersedes', supersedes, 'callback_status', 'none', 'enforced', is_enforced, 'automated', false));
    END IF;
    waits := next_turn IS NOT NULL;
    IF waits THEN
        opens := CASE next_turn WHEN -1 THEN lease.turn ELSE next_turn END;
        opened_turn := opens;
        shut_out := CASE WHEN excludes AND lease.reviewer_id <> ALL (lease.excluded)
            THEN lease.excluded || lease.reviewer_id ELSE lease.excluded END;
        IF hold_until IS NULL THEN
            INSERT INTO review_pending (case_id, queue_id, language, priority, deadline_at, enqueued_at, turn,
                excluded, site, overflow_at, topics, wellness_class, reserved_for, reserved_until)
            VALUES (lease.case_id, lease.queue_id, lease.language,
                CASE WHEN first_of_all THEN 0 ELSE lease.priority END, lease.deadline_at, lease.enqueued_at,
                opens, shut_out, lease.site, lease.overflow_at, lease.topics, lease.wellness_class, sent_to,
                sent_until);
        ELSE
            INSERT INTO review_held (case_id, queue_id, language, priority, deadline_at, enqueued_at, turn,
                excluded, site, overflow_at, topics, wellness_class, reserved_for, reserved_until, until,
                held_at, reason)
            VALUES (lease.case_id, lease.queue_id, lease.language, lease.priority, lease.deadline_at,
                lease.enqueued_at, opens, shut_out, lease.site, lease.overflow_at, lease.topics,
                lease.wellness_class, sent_to, sent_until, hold_until, at, reason);
        END IF;
    END IF;
    INSERT INTO review_queuedelta (queue_id, backlog, in_review, at)
    VALUES (lease.queue_id, waits::int, -1, at);
    IF NOT lease.is_prefetched OR outcome = 'submitted' THEN
        PERFORM review_move_activity(lease.reviewer_id, 'handling', 'available', at);
        IF outcome IN ('submitted', 'skipped', 'escalated') OR lease.exposure_class <> 'standard' THEN
            PERFORM wellbeing_record(lease.reviewer_id, lease.dimensions ->> 'reviewer_id',
                lease.dimensions ->> 'site_id', lease.dimensions ->> 'team_id', lease.exposure_class::text,
                lease.claimed_at, at, coalesce(visible_ms, handle) / 1000.0::float8, blurred, sound_on,
                gen_random_uuid());
        END IF;
    END IF;
    IF outcome = 'submitted' THEN
        DELETE FROM review_draft d WHERE d.case_id = lease.case_id AND d.reviewer_id = lease.reviewer_id;
        IF lease.is_first_day AND lease.dimensions ->> 'purpose' = 'production' THEN
            UPDATE people_reviewer r SET first_production_on = (at AT TIME ZONE 'UTC')::date
            WHERE r.id = lease.reviewer_id AND r.first_production_on IS NULL;
        END IF;
    END IF;
    RETURN NEXT;
END $$;
