-- One row a queue for the live floor: counters, and an index probe a queue for the oldest waiting case.
-- Cost: the queues asked for and the leases held, whatever the number of waiting cases.
WITH wanted AS MATERIALIZED (
    SELECT
        q.id, q.slug, q.title, q.title_zh_hans, q."group", q.surface, q.purpose, q.state, q.languages,
        v.site_shares
    FROM queues_queue q
    LEFT JOIN queues_queueversion v ON v.id = q.current_version_id
    WHERE q.id = ANY (%(queues)s::bigint[])
),
held AS MATERIALIZED (
    SELECT
        queue_id,
        count(DISTINCT reviewer_id) AS active_reviewers,
        min(deadline_at) AS deadline_at,
        min(enqueued_at) AS enqueued_at
    FROM review_lease
    GROUP BY queue_id
)
SELECT
    w.*,
    coalesce(p.backlog, 0) AS backlog,
    coalesce(p.in_review, 0) AS in_review,
    p.updated_at,
    t.overdue,
    coalesce(h.active_reviewers, 0) AS active_reviewers,
    least(due.deadline_at, h.deadline_at) AS oldest_deadline_at,
    least(first.enqueued_at, h.enqueued_at) AS oldest_enqueued_at,
    coalesce(hour.enqueued, 0) AS arrivals_1h,
    coalesce(hour.decided, 0) AS decided_1h,
    coalesce(day.due, 0) AS due_24h,
    coalesce(day.met, 0) AS met_24h,
    plan.volume AS plan_1h
FROM wanted w
LEFT JOIN review_queuepulse p ON p.queue_id = w.id
LEFT JOIN review_queueoverdue t ON t.queue_id = w.id
LEFT JOIN held h ON h.queue_id = w.id
LEFT JOIN LATERAL (
    SELECT min(head.deadline_at) AS deadline_at
    FROM review_lane l
    CROSS JOIN LATERAL (
        SELECT c.deadline_at FROM review_pending c
        WHERE c.queue_id = l.queue_id AND c.site = l.site AND c.language = l.language
            AND c.deadline_at >= review_deadline_head(l.id, l.has_heads)
        ORDER BY c.deadline_at LIMIT 1
    ) head
    WHERE l.queue_id = w.id
) due ON true
LEFT JOIN LATERAL (
    SELECT c.enqueued_at FROM review_pending c
    WHERE c.queue_id = w.id ORDER BY c.enqueued_at LIMIT 1
) first ON true
LEFT JOIN LATERAL (
    SELECT sum(m.enqueued) AS enqueued, sum(m.decided) AS decided
    FROM review_queueminute m
    WHERE m.queue_id = w.id
        AND m.starts_at > %(now)s::timestamptz - interval '1 hour' AND m.starts_at <= %(now)s::timestamptz
) hour ON true
LEFT JOIN LATERAL (
    SELECT sum(b.due) AS due, sum(b.met) AS met
    FROM review_queuehour b
    WHERE b.queue_id = w.id
        AND b.starts_at >= date_trunc('hour', %(now)s::timestamptz, 'UTC') - interval '1 day'
        AND b.starts_at < date_trunc('hour', %(now)s::timestamptz, 'UTC')
) day ON true
LEFT JOIN LATERAL (
    SELECT sum(
        f.volume * extract(epoch FROM
            least(f.interval_start_at + interval '1 hour', %(now)s::timestamptz)
            - greatest(f.interval_start_at, %(now)s::timestamptz - interval '1 hour')
        ) / 3600.0
    )::float8 AS volume
    FROM review_queueplan f
    WHERE f.queue_id = w.id
        AND f.interval_start_at > %(now)s::timestamptz - interval '2 hours'
        AND f.interval_start_at < %(now)s::timestamptz
) plan ON true
ORDER BY w."group", w.slug
