-- The small parts of a claim.

-- Whether a waiting case may go to the person: not one they worked on, none of a closed class or an avoided
-- topic, and none that was sent to somebody else. Written so that the planner takes it in place.
CREATE OR REPLACE FUNCTION review_is_for(p review_pending, person bigint, closed text[], avoided text[], at timestamptz)
RETURNS boolean LANGUAGE sql STABLE AS $$
    SELECT person <> ALL (p.excluded)
        AND (p.wellness_class = '' OR p.wellness_class <> ALL (closed))
        AND (p.topics = '{}' OR NOT p.topics && avoided::varchar[])
        AND (p.reserved_for IS NULL OR p.reserved_for = person OR p.reserved_until <= at)
$$;

-- Whether a queue serves the person at all: its state, boundary, skills, certification, wellness class and topics.
-- What it asks of the case's language and site is asked beside it. Taken in place by the planner, like the above.
CREATE OR REPLACE FUNCTION review_serves(q queues_queue, v queues_queueversion, skills varchar[], boundary bigint,
    wanted bigint[], closed text[], avoided text[])
RETURNS boolean LANGUAGE sql STABLE AS $$
    SELECT q.state IN ('canary', 'live', 'recovering')
        AND (q.data_boundary_id IS NULL OR q.data_boundary_id = boundary)
        AND (wanted IS NULL OR q.id = ANY (wanted))
        AND skills @> v.required_skills
        AND v.wellness_class <> ALL (closed)
        AND NOT v.topics && avoided::varchar[]
$$;

-- Whether a person holds a certificate of a policy version now.
CREATE OR REPLACE FUNCTION review_is_certified(person bigint, slug text, number int, at timestamptz)
RETURNS boolean LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN EXISTS (
        SELECT FROM people_certification c
        WHERE c.reviewer_id = person AND c.policy = slug AND c.policy_version = number
          AND (c.expires_at IS NULL OR c.expires_at > at));
END $$;

-- Whether a person confirmed that they read a version of a queue's procedure. Asked only where the queue requires it.
CREATE OR REPLACE FUNCTION review_has_read(person bigint, queue bigint, number int) RETURNS boolean
LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN EXISTS (
        SELECT FROM queues_sop s
        JOIN queues_sopacknowledgement a ON a.sop_id = s.id AND a.reviewer_id = person
        WHERE s.queue_id = queue AND s.version = number);
END $$;

-- Who a person is to a claim and to the lease it makes. Taken in place too.
CREATE OR REPLACE FUNCTION review_person(person bigint)
RETURNS TABLE (id bigint, code text, active boolean, languages varchar[], skills varchar[], data_boundary_id bigint,
    first_production_on date, site text, employer_kind text, team text)
LANGUAGE sql STABLE AS $$
    SELECT r.id, r.code::text, r.active, r.languages, r.skills, r.data_boundary_id, r.first_production_on,
           s.slug::text, s.employer_kind::text, t.slug::text
    FROM people_reviewer r
    JOIN people_team t ON t.id = r.team_id
    JOIN people_site s ON s.id = t.site_id
    WHERE r.id = person
$$;

-- A number in [0, 1) that a case always has: from the hexadecimal digits of its own identifier.
CREATE OR REPLACE FUNCTION review_case_draw(case_id uuid, first int, digits int) RETURNS float8
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT ('x' || lpad(substr(case_id::text, first, digits), 16, '0'))::bit(64)::bigint::float8
        / power(16, digits)
$$;

-- A token that nobody can guess, and that says under which configuration the case is shown: 90 random bits, then
-- the queue version, then whether the template is the canary. So an answer is checked before the lease is read.
CREATE OR REPLACE FUNCTION review_lease_token(queue_version bigint, is_canary boolean) RETURNS uuid
LANGUAGE sql VOLATILE AS $$
    SELECT encode(substr(uuid_send(gen_random_uuid()), 1, 12)
                  || int4send((queue_version * 2 + is_canary::int)::int), 'hex')::uuid
$$;

-- Moves a person from one state to another and writes the interval that ends as a fact.
CREATE OR REPLACE FUNCTION review_move_activity(person bigint, was text, becomes text, at timestamptz) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
    ended review_activityinterval;
BEGIN
    SELECT a.* INTO ended FROM review_activityinterval a
    WHERE a.reviewer_id = person AND a.state = was FOR UPDATE;
    IF NOT FOUND THEN
        RETURN;
    END IF;
    UPDATE review_activityinterval a SET state = becomes, started_at = at WHERE a.reviewer_id = person;
    IF ended.started_at < at THEN
        INSERT INTO record_event (at, fact, key, payload)
        SELECT ended.started_at, 'activity_interval', named.key,
               ended.dimensions || jsonb_build_object('interval_id', named.key, 'state', ended.state,
                   'started_at', record_instant(ended.started_at), 'ended_at', record_instant(at))
        FROM (SELECT (ended.dimensions ->> 'reviewer_id') || '/' || record_instant(ended.started_at) AS key) named;
    END IF;
END $$;
