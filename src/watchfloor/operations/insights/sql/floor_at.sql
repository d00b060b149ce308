-- One row a queue, as of $at, from the facts: what was open, in review, late, arriving and decided then.
-- A case is open until its first decision, whatever became of that; an open case without a deadline is never
-- late. Dimensions are those of the day before and of the open cases.
WITH standing AS (
    SELECT case_id, min(decided_at) AS decided_at
    FROM fact_decision
    WHERE decided_at <= $at
    GROUP BY case_id
),
seen AS (
    SELECT
        c.case_id, c.queue_id, c.purpose, c.surface, c.language, c.enqueued_at, c.deadline_at, s.decided_at
    FROM fact_case c
    LEFT JOIN standing s ON s.case_id = c.case_id
    WHERE c.enqueued_at <= $at
        AND (s.decided_at IS NULL OR c.enqueued_at > $day OR s.decided_at > $day OR c.deadline_at > $day)
),
by_case AS (
    SELECT
        queue_id,
        max(purpose) AS purpose,
        max(surface) AS surface,
        list_sort(list_distinct(list(language) FILTER (WHERE language IS NOT NULL))) AS languages,
        count(*) FILTER (WHERE decided_at IS NULL) AS open_cases,
        count(*) FILTER (WHERE decided_at IS NULL AND deadline_at < $at) AS overdue,
        min(deadline_at) FILTER (WHERE decided_at IS NULL) AS oldest_deadline_at,
        min(enqueued_at) FILTER (WHERE decided_at IS NULL) AS oldest_enqueued_at,
        count(*) FILTER (WHERE enqueued_at > $hour) AS arrivals_1h,
        count(*) FILTER (WHERE decided_at > $hour) AS decided_1h,
        count(*) FILTER (WHERE deadline_at > $day AND deadline_at <= $at) AS due_24h,
        count(*) FILTER (WHERE deadline_at > $day AND deadline_at <= $at AND decided_at <= deadline_at) AS met_24h
    FROM seen
    GROUP BY queue_id
),
by_review AS (
    SELECT
        queue_id,
        max(purpose) AS purpose,
        max(surface) AS surface,
        count(*) FILTER (WHERE assigned_at <= $at AND submitted_at > $at) AS in_review,
        count(DISTINCT reviewer_id) FILTER (WHERE assigned_at <= $at AND submitted_at > $at)
            AS active_reviewers,
        list_sort(list_distinct(list(site_id) FILTER (WHERE site_id IS NOT NULL))) AS sites
    FROM fact_review
    WHERE submitted_at > $day AND (submitted_at <= $at OR assigned_at <= $at)
    GROUP BY queue_id
),
newest AS (
    SELECT queue_id, interval_start_at, interval_seconds, arg_max(volume, vintage_at) AS volume
    FROM fact_forecast
    WHERE vintage_at <= $at AND interval_start_at < $at
        AND interval_start_at + to_seconds(interval_seconds) > $hour
    GROUP BY queue_id, interval_start_at, interval_seconds
),
shortest AS (
    SELECT *, min(interval_seconds) OVER (PARTITION BY queue_id) AS shortest_seconds FROM newest
),
planned AS (
    SELECT
        queue_id,
        sum(volume * (
            least(epoch(interval_start_at) + interval_seconds, epoch($at::TIMESTAMPTZ))
            - greatest(epoch(interval_start_at), epoch($hour::TIMESTAMPTZ))
        ) / interval_seconds) AS plan_1h
    FROM shortest WHERE interval_seconds = shortest_seconds GROUP BY queue_id
)
SELECT
    coalesce(c.queue_id, r.queue_id) AS queue_id,
    coalesce(c.purpose, r.purpose) AS purpose,
    coalesce(c.surface, r.surface) AS surface,
    coalesce(c.languages, []) AS languages,
    coalesce(r.sites, []) AS sites,
    coalesce(c.open_cases, 0) AS open_cases,
    coalesce(r.in_review, 0) AS in_review,
    coalesce(c.overdue, 0) AS overdue,
    c.oldest_deadline_at,
    c.oldest_enqueued_at,
    coalesce(c.arrivals_1h, 0) AS arrivals_1h,
    coalesce(c.decided_1h, 0) AS decided_1h,
    coalesce(c.due_24h, 0) AS due_24h,
    coalesce(c.met_24h, 0) AS met_24h,
    coalesce(r.active_reviewers, 0) AS active_reviewers,
    p.plan_1h
FROM by_case c
FULL JOIN by_review r ON r.queue_id = c.queue_id
LEFT JOIN planned p ON p.queue_id = coalesce(c.queue_id, r.queue_id)
ORDER BY 1
