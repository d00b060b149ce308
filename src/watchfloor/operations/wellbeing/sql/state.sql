-- Whether a person's severe cases pause now, and whether the person takes a minute.
SELECT wellbeing_must_cool(%(reviewer)s::bigint, %(now)s::timestamptz) AS cooling,
       EXISTS (SELECT FROM wellbeing_break b WHERE b.reviewer_id = %(reviewer)s::bigint
               AND b.since > %(now)s::timestamptz - interval '12 hours') AS on_break
