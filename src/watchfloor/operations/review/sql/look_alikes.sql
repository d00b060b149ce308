-- The waiting cases of a lease's queue whose object or content is the same, oldest first; among those asked for,
-- where any are. Always a row for a good lease (its case is then null); none when the token is stale.
WITH held AS (
    SELECT l.reviewer_id, l.queue_id, l.case_id, c.object_id, md5(c.content::text) AS digest, c.content
    FROM review_lease l JOIN review_case c ON c.id = l.case_id
    WHERE l.token = %(token)s::uuid AND l.expires_at > %(now)s::timestamptz
), alike AS (
    SELECT p.case_id, p.enqueued_at
    FROM held
    JOIN review_case c ON c.object_id = held.object_id AND c.object_id <> '' AND c.queue_id = held.queue_id
    JOIN review_pending p ON p.case_id = c.id AND p.turn = 0
    WHERE held.object_id <> ''
    UNION
    SELECT p.case_id, p.enqueued_at
    FROM held
    JOIN review_case c ON c.id = ANY (%(asked)s::uuid[]) AND c.queue_id = held.queue_id
    JOIN review_pending p ON p.case_id = c.id AND p.turn = 0
    WHERE held.content <> '{}'::jsonb AND md5(c.content::text) = held.digest
), several AS (
    -- What is hinted critical, or severe by itself, is answered alone.
    SELECT alike.case_id, alike.enqueued_at
    FROM alike JOIN review_case c ON c.id = alike.case_id
    WHERE c.severity_hint <> 'critical' AND c.wellness_class <> 'severe'
)
SELECT held.reviewer_id, held.queue_id, alike.case_id
FROM held
LEFT JOIN (
    SELECT case_id, enqueued_at FROM several
    WHERE %(asked)s::uuid[] IS NULL OR case_id = ANY (%(asked)s::uuid[])
    ORDER BY enqueued_at, case_id LIMIT %(limit)s::int
) alike ON true
ORDER BY alike.enqueued_at, alike.case_id
