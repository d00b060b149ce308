-- What the claim asks before it serves: which wellness classes a person may not be given now, and which topics.
-- plpgsql, because it keeps its plans; SQL functions are planned anew by each statement.

-- The classes of the cases that a person holds, with the instant each came on the screen; none yet for a
-- prefetched one. A case in hand counts as seen before it is: so a budget holds under prefetch. The body names a
-- table of `review`, which stands above; it is bound when it runs.
CREATE FUNCTION wellbeing_in_hand(person bigint) RETURNS TABLE (wellness_class text, shown_at timestamptz)
LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN QUERY
    SELECT l.exposure_class::text, CASE WHEN NOT l.is_prefetched THEN l.claimed_at END
    FROM review_lease l WHERE l.reviewer_id = person;
END $$;

-- The rhythm that holds for a person: the strictest of every level; the day begins as the nearest level says.
CREATE FUNCTION wellbeing_rhythm_of(person bigint)
RETURNS TABLE (most int, others int, minutes int, starts int, zone text, home bigint)
LANGUAGE plpgsql STABLE ROWS 1 AS $$
BEGIN
    RETURN QUERY
    SELECT min(r.max_consecutive)::int,
           (max(r.cool_down_cases) FILTER (WHERE r.max_consecutive IS NOT NULL))::int,
           (max(r.cool_down_minutes) FILTER (WHERE r.max_consecutive IS NOT NULL))::int,
           coalesce((array_agg(r.day_starts_hour ORDER BY r.reviewer_id NULLS LAST, r.site_id NULLS LAST)
                     FILTER (WHERE r.day_starts_hour IS NOT NULL))[1], 0)::int,
           min(s.time_zone)::text, min(s.id)
    FROM people_reviewer p
    JOIN people_team t ON t.id = p.team_id
    JOIN people_site s ON s.id = t.site_id
    LEFT JOIN wellbeing_rhythm r ON r.scope = 'operation' OR r.site_id = s.id OR r.reviewer_id = person
    WHERE p.id = person;
END $$;

-- Each budget of a person: the cap that holds, what was spent in its span, what cases in hand will spend, and
-- the instant at which the span began. An hour is the last sixty minutes, counted in whole quarters; a day and
-- a week begin at the local hour of the site, of which the rhythm may name another than midnight.
CREATE FUNCTION wellbeing_budgets(person bigint, at timestamptz)
RETURNS TABLE (wellness_class text, span text, measure text, most int, spent double precision,
               in_hand double precision, since timestamptz)
LANGUAGE plpgsql STABLE ROWS 4 AS $$
DECLARE
    mine record;
    local timestamp;
    this_hour timestamptz := date_bin('1 hour', at, '2000-01-01Z');
    quarter int := 1 + floor(extract(epoch FROM at - this_hour) / 900);
    began timestamptz[];
BEGIN
    SELECT * INTO mine FROM wellbeing_rhythm_of(person);
    local := (at AT TIME ZONE mine.zone) - make_interval(hours => mine.starts);
    began := ARRAY[
        date_bin('15 minutes', at - interval '1 hour', '2000-01-01Z'),
        (date_trunc('day', local) + make_interval(hours => mine.starts)) AT TIME ZONE mine.zone,
        (date_trunc('week', local) + make_interval(hours => mine.starts)) AT TIME ZONE mine.zone];
    RETURN QUERY
    SELECT c.wellness_class::text, c.span::text, kind.measure,
           greatest(kind.most, (
               SELECT max(o.most) FROM wellbeing_override o
               WHERE o.reviewer_id = person AND o.until > at AND o.wellness_class = c.wellness_class
                 AND o.span = c.span AND o.measure = kind.measure)),
           coalesce(kind.spent, 0), coalesce(kind.in_hand, 0), began[c.nth]
    FROM (
        SELECT k.wellness_class, k.span, CASE k.span WHEN 'hour' THEN 1 WHEN 'day' THEN 2 ELSE 3 END AS nth,
               min(k.most) FILTER (WHERE k.measure = 'cases') AS cases,
               min(k.most) FILTER (WHERE k.measure = 'minutes') AS minutes
        FROM wellbeing_cap k
        WHERE k.scope = 'operation' OR k.site_id = mine.home OR k.reviewer_id = person
        GROUP BY 1, 2
    ) c
    CROSS JOIN LATERAL (
        -- Of the hour before this one, the quarters that the last sixty minutes touch.
        SELECT sum(CASE WHEN c.nth > 1 OR y.hour_at = this_hour THEN y.cases
                        ELSE (SELECT sum(q) FROM unnest(y.quarter_cases[quarter:]) q) END::float8) AS cases,
               sum(CASE WHEN c.nth > 1 OR y.hour_at = this_hour THEN y.visible_ms
                        ELSE (SELECT sum(q) FROM unnest(y.quarter_ms[quarter:]) q) END::float8) / 60000 AS minutes
        FROM wellbeing_tally y
        WHERE y.reviewer_id = person AND y.wellness_class = c.wellness_class
          AND y.hour_at > began[c.nth] - interval '1 hour'
    ) seen
    LEFT JOIN (
        SELECT h.wellness_class, count(*)::float8 AS cases,
               sum(greatest(0, extract(epoch FROM at - h.shown_at)))::float8 / 60 AS minutes
        FROM wellbeing_in_hand(person) h GROUP BY 1
    ) hand ON hand.wellness_class = c.wellness_class
    CROSS JOIN LATERAL (
        VALUES ('cases', c.cases, seen.cases, hand.cases),
               -- A case in hand takes at least what its class took on average; a minute where none is known.
               ('minutes', c.minutes, seen.minutes,
                greatest(hand.minutes, hand.cases * coalesce(seen.minutes / nullif(seen.cases, 0), 1)))
    ) kind (measure, most, spent, in_hand)
    WHERE kind.most IS NOT NULL;
END $$;

-- The severe cases that a person had in a row and that still count: a run ends by other cases, or by time.
CREATE FUNCTION wellbeing_run_length(person bigint, at timestamptz, most int, others int, minutes int)
RETURNS int LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN coalesce((
        SELECT w.severe FROM wellbeing_run w
        WHERE w.reviewer_id = person AND w.last_severe_at > at - make_interval(mins => minutes)
          AND CASE WHEN w.severe < most THEN w.others_since = 0
                   ELSE others = 0 OR w.others_since < others END), 0);
END $$;

-- Whether the run of severe cases, those in hand included, must pause.
CREATE FUNCTION wellbeing_must_cool(person bigint, at timestamptz) RETURNS boolean
LANGUAGE plpgsql STABLE AS $$
DECLARE
    mine record;
BEGIN
    SELECT * INTO mine FROM wellbeing_rhythm_of(person);
    RETURN mine.most IS NOT NULL AND mine.most <=
        wellbeing_run_length(person, at, mine.most, mine.others, mine.minutes)
        + (SELECT count(*) FROM wellbeing_in_hand(person) h WHERE h.wellness_class = 'severe');
END $$;

-- The wellness classes that a person may not be given now. Claims of one person wait for each other here once
-- there are limits, and each then sees what the one before took: the function is volatile, so its queries do.
CREATE FUNCTION wellbeing_closed(reviewer bigint, at timestamptz) RETURNS text[]
LANGUAGE plpgsql VOLATILE AS $$
DECLARE
    shut text[] := '{}';
    capped boolean := EXISTS (SELECT FROM wellbeing_cap);
    paced boolean := EXISTS (SELECT FROM wellbeing_rhythm r WHERE r.max_consecutive IS NOT NULL);
BEGIN
    IF EXISTS (SELECT FROM wellbeing_break b WHERE b.reviewer_id = reviewer AND b.since > at - interval '12 hours') THEN
        RETURN '{standard,elevated,severe}';
    END IF;
    IF NOT (capped OR paced) THEN
        RETURN shut;
    END IF;
    PERFORM pg_advisory_xact_lock(hashtextextended('wellbeing', reviewer));
    IF capped THEN
        SELECT coalesce(array_agg(DISTINCT b.wellness_class), '{}') INTO shut
        FROM wellbeing_budgets(reviewer, at) b WHERE b.spent + b.in_hand >= b.most;
    END IF;
    IF paced AND NOT 'severe' = ANY (shut) AND wellbeing_must_cool(reviewer, at) THEN
        shut := shut || 'severe'::text;
    END IF;
    RETURN shut;
END $$;

-- The topics that a person is not given.
CREATE FUNCTION wellbeing_opted_out(reviewer bigint) RETURNS text[]
LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN coalesce((SELECT array_agg(o.topic::text) FROM wellbeing_optout o WHERE o.reviewer_id = reviewer), '{}');
END $$;
