-- What was seen, written down as a case leaves a person's hands.

-- Counts what a person saw and writes the exposure fact. Of a standard case only the run takes note: it is
-- something else after severe ones.
CREATE FUNCTION wellbeing_record(person bigint, code text, site text, team text, class text, began timestamptz,
    ended timestamptz, visible double precision, was_blurred boolean, had_sound boolean, exposure uuid)
RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    rule record;
    quarter int := 1 + floor(extract(epoch FROM ended - date_bin('1 hour', ended, '2000-01-01Z')) / 900);
    ms bigint := round(visible * 1000);
BEGIN
    IF class <> 'severe' THEN
        UPDATE wellbeing_run w SET others_since = w.others_since + 1 WHERE w.reviewer_id = person AND w.severe > 0;
    END IF;
    IF class = 'standard' THEN
        RETURN;
    END IF;
    INSERT INTO wellbeing_tally AS y (reviewer_id, wellness_class, hour_at, cases, visible_ms, quarter_cases, quarter_ms)
    VALUES (person, class, date_bin('1 hour', ended, '2000-01-01Z'), 1, ms,
            ARRAY[(quarter = 1)::int, (quarter = 2)::int, (quarter = 3)::int, (quarter = 4)::int],
            ARRAY[(quarter = 1)::int * ms, (quarter = 2)::int * ms, (quarter = 3)::int * ms, (quarter = 4)::int * ms])
    ON CONFLICT (reviewer_id, wellness_class, hour_at) DO UPDATE SET
        cases = y.cases + 1, visible_ms = y.visible_ms + ms,
        quarter_cases[quarter] = y.quarter_cases[quarter] + 1,
        quarter_ms[quarter] = y.quarter_ms[quarter] + ms;
    INSERT INTO record_event (at, fact, key, payload)
    VALUES (began, 'exposure', exposure::text, jsonb_build_object(
        'exposure_id', exposure, 'reviewer_id', code, 'site_id', site, 'team_id', team, 'severity', class,
        'started_at', record_instant(began), 'ended_at', record_instant(ended), 'visible_seconds', visible,
        'blurred', was_blurred, 'sound_on', had_sound));
    IF class = 'severe' AND EXISTS (SELECT FROM wellbeing_rhythm r WHERE r.max_consecutive IS NOT NULL) THEN
        SELECT * INTO rule FROM wellbeing_rhythm_of(person);
        INSERT INTO wellbeing_run AS w (reviewer_id, severe, last_severe_at, others_since)
        VALUES (person, 1, ended, 0)
        ON CONFLICT (reviewer_id) DO UPDATE SET
            severe = 1 + wellbeing_run_length(person, ended, rule.most, rule.others, rule.minutes),
            last_severe_at = greatest(w.last_severe_at, excluded.last_severe_at), others_since = 0;
    END IF;
END $$;
