-- Counts the decided cases of some authors of a client, and those found violative by their newest decision. An
-- author's newest thousand cases are read, so that nobody's history makes the door slow.
SELECT a.author_id, count(*)::int AS cases, count(*) FILTER (WHERE settled.violative)::int AS violations
FROM unnest(%(authors)s::text[]) AS a (author_id)
CROSS JOIN LATERAL (
    SELECT c.id FROM review_case c
    WHERE c.client = %(client)s::text AND c.author_id = a.author_id AND c.author_id <> ''
        AND c.enqueued_at >= %(since)s::timestamptz
    ORDER BY c.enqueued_at DESC
    LIMIT 1000
) own
CROSS JOIN LATERAL (
    SELECT d.violative FROM review_decision d
    WHERE d.case_id = own.id AND d.withdrawn_at IS NULL AND d.decided_at < %(now)s::timestamptz
    ORDER BY d.version DESC
    LIMIT 1
) settled
GROUP BY a.author_id
