-- Lanes: the queues, sites and languages in which cases wait, and how far claims have got in each.
--
-- A claim probes the head of each lane in an index. While some transaction stays open, the entries of cases
-- that were claimed cannot be removed, and each probe walks over all of them. A lane's heads say where to begin.
-- They stand in sequences, because a row that is updated every second would itself leave dead versions behind.
-- A head is never above a case that waits: whoever adds cases holds a shared lock of their queue and lowers the
-- heads; heads are raised under the exclusive lock, when nobody is adding. A value that is too low is harmless.

CREATE SEQUENCE IF NOT EXISTS review_claim_number;
CREATE SEQUENCE IF NOT EXISTS review_apportioned MINVALUE 0 START 0;
-- Where probing by class may begin over all lanes together; guarded like a lane's, under the key of queue 0.
CREATE SEQUENCE IF NOT EXISTS review_first_head MINVALUE 0 START 0;

-- A case's place by class, then deadline, as one number.
CREATE OR REPLACE FUNCTION review_class_place(priority int, deadline_at timestamptz) RETURNS bigint
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT (least(priority, 63)::bigint << 56)
        + greatest(0, extract(epoch FROM deadline_at - timestamptz '2000-01-01Z') * 1000000)::bigint
$$;

CREATE OR REPLACE FUNCTION review_deadline_place(deadline_at timestamptz) RETURNS bigint
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT greatest(0, extract(epoch FROM deadline_at - timestamptz '2000-01-01Z') * 1000000)::bigint
$$;

-- Where probing by class, or by deadline, may begin in a lane.
CREATE OR REPLACE FUNCTION review_class_head(lane bigint, has_heads boolean) RETURNS bigint
LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN CASE WHEN has_heads
        THEN coalesce(pg_sequence_last_value(to_regclass('review_lane_' || lane || '_class')), 0) ELSE 0 END;
END $$;

CREATE OR REPLACE FUNCTION review_deadline_head(lane bigint, has_heads boolean) RETURNS timestamptz
LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN CASE WHEN has_heads
        THEN timestamptz '2000-01-01Z' + interval '1 microsecond'
            * coalesce(pg_sequence_last_value(to_regclass('review_lane_' || lane || '_deadline')), 0)
        ELSE timestamptz '2000-01-01Z' END;
END $$;

CREATE OR REPLACE FUNCTION review_lower_head(head text, place bigint) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    IF pg_sequence_last_value(to_regclass(head)) > place THEN
        PERFORM pg_advisory_lock(hashtextextended(head, 0));
        IF pg_sequence_last_value(to_regclass(head)) > place THEN
            PERFORM setval(head::regclass, place);
        END IF;
        PERFORM pg_advisory_unlock(hashtextextended(head, 0));
    END IF;
END $$;

-- After cases begin to wait, however that came about: their lanes exist, and no head lies above them.
CREATE OR REPLACE FUNCTION review_keep_lanes() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    low record;
BEGIN
    PERFORM pg_advisory_xact_lock_shared(1464224844, 0);
    PERFORM pg_advisory_xact_lock_shared(1464224844, q.queue_id::int)
    FROM (SELECT DISTINCT queue_id FROM added ORDER BY queue_id) q;
    PERFORM review_lower_head('review_first_head', (
        SELECT review_class_place(a.priority, a.deadline_at) FROM added a
        ORDER BY a.priority, a.deadline_at LIMIT 1));
    INSERT INTO review_lane (queue_id, site, language)
    SELECT DISTINCT a.queue_id, a.site, a.language FROM added a
    WHERE NOT EXISTS (SELECT FROM review_lane l
                      WHERE l.queue_id = a.queue_id AND l.site = a.site AND l.language = a.language)
    ORDER BY 1, 2, 3
    ON CONFLICT DO NOTHING;
    FOR low IN
        SELECT l.id, min(review_class_place(a.priority, a.deadline_at)) AS class_place,
               min(review_deadline_place(a.deadline_at)) AS deadline_place
        FROM added a
        JOIN review_lane l ON l.queue_id = a.queue_id AND l.site = a.site AND l.language = a.language
        WHERE l.has_heads GROUP BY l.id ORDER BY l.id
    LOOP
        PERFORM review_lower_head('review_lane_' || low.id || '_class', low.class_place);
        PERFORM review_lower_head('review_lane_' || low.id || '_deadline', low.deadline_place);
    END LOOP;
    RETURN NULL;
END $$;

CREATE OR REPLACE TRIGGER keep_lanes AFTER INSERT ON review_pending
    REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION review_keep_lanes();

-- Raises the heads of a queue's lanes to the first case that waits, making them where there are none. `anew`
-- looks from the very start, which also lowers a head that a restored copy brought along too high.
CREATE OR REPLACE FUNCTION review_raise_heads(queue bigint, anew boolean) RETURNS int LANGUAGE plpgsql AS $$
DECLARE
    lane record;
    by_class text;
    by_deadline text;
    place bigint;
    first_at timestamptz;
    raised int := 0;
BEGIN
    PERFORM set_config('lock_timeout', '200ms', true);
    PERFORM pg_advisory_xact_lock(1464224844, queue::int);
    FOR lane IN SELECT l.* FROM review_lane l WHERE l.queue_id = queue ORDER BY l.id LOOP
        by_class := 'review_lane_' || lane.id || '_class';
        by_deadline := 'review_lane_' || lane.id || '_deadline';
        IF NOT lane.has_heads THEN
            EXECUTE format('CREATE SEQUENCE IF NOT EXISTS %I MINVALUE 0 START 0', by_class);
            EXECUTE format('CREATE SEQUENCE IF NOT EXISTS %I MINVALUE 0 START 0', by_deadline);
            UPDATE review_lane l SET has_heads = true WHERE l.id = lane.id;
        END IF;
        place := CASE WHEN anew OR NOT lane.has_heads THEN 0 ELSE review_class_head(lane.id, true) END;
        SELECT review_class_place(p.priority, p.deadline_at) INTO place FROM review_pending p
        WHERE p.queue_id = queue AND p.site = lane.site AND p.language = lane.language
          AND (p.priority, p.deadline_at) >= ((place >> 56)::smallint, timestamptz '2000-01-01Z'
               + (place & 72057594037927935) * interval '1 microsecond')
        ORDER BY p.priority, p.deadline_at, p.enqueued_at, p.case_id LIMIT 1;
        PERFORM setval(by_class::regclass, coalesce(place, 63::bigint << 56));
        first_at := CASE WHEN anew OR NOT lane.has_heads THEN timestamptz '2000-01-01Z'
                         ELSE review_deadline_head(lane.id, true) END;
        SELECT p.deadline_at INTO first_at FROM review_pending p
        WHERE p.queue_id = queue AND p.site = lane.site AND p.language = lane.language
          AND p.deadline_at >= first_at
        ORDER BY p.deadline_at, p.enqueued_at, p.case_id LIMIT 1;
        PERFORM setval(by_deadline::regclass, coalesce(review_deadline_place(first_at), 72057594037927935));
        raised := raised + 1;
    END LOOP;
    RETURN raised;
END $$;

-- Raises the head over all lanes to the first case that waits, while nobody adds cases. `anew` as above.
CREATE OR REPLACE FUNCTION review_raise_first(anew boolean) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    place bigint;
BEGIN
    PERFORM set_config('lock_timeout', '200ms', true);
    PERFORM pg_advisory_xact_lock(1464224844, 0);
    place := CASE WHEN anew THEN 0 ELSE coalesce(pg_sequence_last_value('review_first_head'), 0) END;
    SELECT review_class_place(p.priority, p.deadline_at) INTO place FROM review_pending p
    WHERE (p.priority, p.deadline_at) >= ((place >> 56)::smallint, timestamptz '2000-01-01Z'
           + (place & 72057594037927935) * interval '1 microsecond')
    ORDER BY p.priority, p.deadline_at, p.enqueued_at, p.case_id LIMIT 1;
    PERFORM setval('review_first_head', coalesce(place, 63::bigint << 56));
END $$;

-- The hot tables: vacuumed by how much changed, not by how large they grew.
ALTER TABLE review_pending SET (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 5000,
    autovacuum_analyze_scale_factor = 0.1);
ALTER TABLE review_lease SET (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 2000);
ALTER TABLE review_queuedelta SET (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 5000);
ALTER TABLE review_held SET (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 500);
ALTER TABLE review_draft SET (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 500, fillfactor = 70);
