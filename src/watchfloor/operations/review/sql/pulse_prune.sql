-- Forgets the minutes older than a day and the hours and plans older than a week.
WITH minutes AS (
    DELETE FROM review_queueminute WHERE starts_at < %(now)s::timestamptz - interval '25 hours'
),
plans AS (
    DELETE FROM review_queueplan WHERE interval_start_at < %(now)s::timestamptz - interval '8 days'
)
DELETE FROM review_queuehour WHERE starts_at < %(now)s::timestamptz - interval '8 days'
