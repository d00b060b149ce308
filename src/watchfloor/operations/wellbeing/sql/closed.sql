-- What the claim asks before it serves: which wellness classes a person may not be given now, and which topics.
-- plpgsql, because it keeps its plans; SQL functions are planned anew by each statement.

-- The classes of the cases that a person holds, with the instant each was taken. A case in hand counts as seen
-- before it is: so a budget holds under prefetch. The body names tables of `review`, which stands above; it is
-- bound when it runs.
CREATE FUNCTION wellbeing_in_hand(person bigint) RETURNS TABLE (wellness_class text, claimed_at timestamptz)
LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN QUERY
    SELECT CASE WHEN 'severe' IN (v.wellness_class, c.wellness_class) THEN 'severe'
                WHEN 'elevated' IN (v.wellness_class, c.wellness_class) THEN 'elevated'
                ELSE 'standard' END, l.claimed_at
    FROM review_lease l
    JOIN queues_queueversion v ON v.id = l.queue_version_id
    JOIN review_case c ON c.id = l.case_id
    WHERE l.reviewer_id = person;
END $$;

-- Each budget of a person: the cap that holds, what was spent in its span, what cases in hand will spend, and
-- the instant at which the span began. An hour is the last sixty minutes, counted in whole quarters; a day and
-- a week begin at the local hour of the site, of which the rhythm may name another than midnight.
CREATE FUNCTION wellbeing_budgets(person bigint, at timestamptz)
RETURNS TABLE (wellness_class text, span text, measure text, most int, spent double precision,
               in_hand double precision, since timestamptz)
LANGUAGE plpgsql STABLE ROWS 4 AS $$
DECLARE
    home bigint;
    zone text;
    starts interval;
BEGIN
    SELECT t.site_id, s.time_zone INTO home, zone
    FROM people_reviewer r JOIN people_team t ON t.id = r.team_id JOIN people_site s ON s.id = t.site_id
    WHERE r.id = person;
    SELECT make_interval(hours => r.day_starts_hour) INTO starts
    FROM wellbeing_rhythm r
    WHERE (r.scope = 'operation' OR r.site_id = home OR r.reviewer_id = person) AND r.day_starts_hour IS NOT NULL
    ORDER BY r.reviewer_id NULLS LAST, r.site_id NULLS LAST LIMIT 1;
    starts := coalesce(starts, interval '0');
    RETURN QUERY
    WITH held AS MATERIALIZED (
        SELECT h.wellness_class, h.claimed_at FROM wellbeing_in_hand(person) h
    ), caps AS (
        SELECT c.wellness_class, c.span, c.measure, min(c.most) AS most
        FROM wellbeing_cap c
        WHERE c.scope = 'operation' OR c.site_id = home OR c.reviewer_id = person
        GROUP BY 1, 2, 3
    ), spans AS (
        SELECT caps.*,
               coalesce((SELECT greatest(caps.most, max(o.most)) FROM wellbeing_override o
                         WHERE o.reviewer_id = person AND o.until > at
                           AND (o.wellness_class, o.span, o.measure) = (caps.wellness_class, caps.span, caps.measure)),
                        caps.most) AS allowed,
               CASE caps.span
                   WHEN 'hour' THEN date_bin('15 minutes', at - interval '1 hour', '2000-01-01Z')
                   ELSE (date_trunc(caps.span, (at AT TIME ZONE zone) - starts) + starts) AT TIME ZONE zone
               END AS began
        FROM caps
    )
    SELECT s.wellness_class::text, s.span::text, s.measure::text, s.allowed,
           CASE s.measure WHEN 'cases' THEN seen.cases ELSE seen.visible_ms / 60000.0 END::double precision,
           CASE s.measure
               WHEN 'cases' THEN hand.cases
               -- A case in hand takes at least what cases of its class took on average, a minute without any.
               ELSE hand.minutes + greatest(0, hand.cases * coalesce(
                        seen.visible_ms / 60000.0 / nullif(seen.cases, 0), 1.0) - hand.minutes)
           END::double precision,
           s.began
    FROM spans s
    CROSS JOIN LATERAL (
        SELECT coalesce(sum(y.cases), 0) AS cases, coalesce(sum(y.visible_ms), 0) AS visible_ms
        FROM wellbeing_tally y
        WHERE y.reviewer_id = person AND y.wellness_class = s.wellness_class AND y.quarter_at >= s.began
    ) seen
    CROSS JOIN LATERAL (
        SELECT count(*) AS cases,
               coalesce(sum(greatest(0, extract(epoch FROM at - h.claimed_at))), 0) / 60.0 AS minutes
        FROM held h WHERE h.wellness_class = s.wellness_class
    ) hand;
END $$;

-- Whether the run of severe cases, those in hand included, must pause. It ends after enough other cases, or
-- after enough time.
CREATE FUNCTION wellbeing_must_cool(person bigint, at timestamptz) RETURNS boolean
LANGUAGE plpgsql STABLE AS $$
DECLARE
    rule record;
    ran int;
BEGIN
    SELECT min(r.max_consecutive) AS most, max(r.cool_down_cases) AS others,
           max(r.cool_down_minutes) AS minutes INTO rule
    FROM wellbeing_rhythm r
    WHERE r.max_consecutive IS NOT NULL
      AND (r.scope = 'operation' OR r.reviewer_id = person OR r.site_id = (
            SELECT t.site_id FROM people_reviewer p JOIN people_team t ON t.id = p.team_id WHERE p.id = person));
    IF rule.most IS NULL THEN
        RETURN false;
    END IF;
    SELECT coalesce((
               SELECT w.severe FROM wellbeing_run w
               WHERE w.reviewer_id = person
                 AND w.last_severe_at > at - make_interval(mins => rule.minutes)
                 AND (w.severe < rule.most AND w.others_since = 0
                      OR w.severe >= rule.most AND (rule.others = 0 OR w.others_since < rule.others))), 0)
           + (SELECT count(*) FROM wellbeing_in_hand(person) h WHERE h.wellness_class = 'severe')
    INTO ran;
    RETURN ran >= rule.most;
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
