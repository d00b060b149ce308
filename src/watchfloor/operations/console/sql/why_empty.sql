-- Each serving queue that a reviewer may know of, what keeps its cases from them now (empty: nothing does), and
-- whether any case waits there, for anybody and for them. Queues inside a boundary that is not theirs stay unsaid.
WITH me AS (
    SELECT r.id, r.languages, r.skills, r.data_boundary_id, s.slug AS site
    FROM people_reviewer r
    JOIN people_team t ON t.id = r.team_id
    JOIN people_site s ON s.id = t.site_id
    WHERE r.id = %(reviewer)s::bigint
), care AS (
    SELECT wellbeing_closed(%(reviewer)s::bigint, %(now)s::timestamptz) AS closed,
           wellbeing_opted_out(%(reviewer)s::bigint) AS opted_out
)
SELECT q.slug, q.title, q.title_zh_hans,
       CASE
           WHEN q.languages <> '{}' AND NOT q.languages && me.languages THEN 'language'
           WHEN NOT me.skills @> v.required_skills THEN 'skill'
           WHEN v.site_shares <> '{}'::jsonb AND NOT v.site_shares ? me.site
                AND NOT me.site = ANY (v.site_overflow) THEN 'site'
           WHEN v.certification_required AND NOT EXISTS (
               SELECT FROM people_certification c
               WHERE c.reviewer_id = me.id AND c.policy = v.policy_slug AND c.policy_version = v.policy_number
                 AND (c.expires_at IS NULL OR c.expires_at > %(now)s::timestamptz)) THEN 'certification'
           WHEN v.sop_required AND NOT review_has_read(me.id, q.id, v.sop_version) THEN 'procedure'
           WHEN v.wellness_class = ANY (care.closed) THEN 'resting'
           WHEN v.topics && care.opted_out::varchar[] THEN 'opted_out'
           ELSE ''
       END AS obstacle,
       EXISTS (SELECT FROM review_pending p WHERE p.queue_id = q.id) AS is_waiting,
       EXISTS (
           SELECT FROM review_pending p
           WHERE p.queue_id = q.id AND (p.language = '' OR p.language = ANY (me.languages))
             AND me.id <> ALL (p.excluded)
             -- Another site's comes to those who help out once it overflows to them, the first named first.
             AND (p.site IN ('', me.site) OR v.site_shares = '{}'::jsonb
                  OR p.overflow_at + (p.deadline_at - p.overflow_at) * helps.patience <= %(now)s::timestamptz)
       ) AS is_waiting_for_me,
       v.site_shares <> '{}'::jsonb AND EXISTS (
           SELECT FROM review_pending p
           WHERE p.queue_id = q.id AND (p.language = '' OR p.language = ANY (me.languages))
             AND me.id <> ALL (p.excluded) AND p.site NOT IN ('', me.site)) AS is_elsewhere,
       v.sop_version
FROM me
CROSS JOIN care
JOIN queues_queue q ON q.state IN ('canary', 'live', 'recovering')
    AND (q.data_boundary_id IS NULL OR q.data_boundary_id = me.data_boundary_id)
    AND (%(queues)s::bigint[] IS NULL OR q.id = ANY (%(queues)s::bigint[]))
JOIN queues_queueversion v ON v.id = q.current_version_id
CROSS JOIN LATERAL (
    SELECT CASE WHEN v.site_overflow = '{}' THEN 0.0
                ELSE coalesce((array_position(v.site_overflow, me.site) - 1)::float8
                              / cardinality(v.site_overflow), 1.0) END AS patience
) helps
ORDER BY q.slug
