-- Enters the decisions made and withdrawn in a settled range into the feed, in the order of commit, and returns
-- those entered now with what follows from each. An event that only tells of a callback enters nothing.
WITH settled AS MATERIALIZED (
    SELECT DISTINCT ON (d.id, kind)
        e.xid, e.id, d.id AS decision_id,
        CASE WHEN e.payload ->> 'withdrawn_at' IS NULL THEN 'made' ELSE 'withdrawn' END AS kind,
        e.payload
    FROM record_event e
    JOIN review_decision d ON d.id = e.key::uuid
    WHERE e.fact = 'decision'
      AND e.xid >= %(next_xid)s::text::xid8 AND e.xid < %(end_xid)s::text::xid8
    ORDER BY d.id, kind, e.xid, e.id
), entered AS (
    INSERT INTO enforcement_feedentry (decision_id, kind)
    SELECT decision_id, kind FROM settled ORDER BY xid, id
    ON CONFLICT (decision_id, kind) DO NOTHING
    RETURNING position, decision_id, kind
)
SELECT entered.position, entered.kind, s.payload AS fact,
       d.id AS decision_id, d.case_id, d.action, d.violative, d.enforced, d.decided_at, d.withdrawn_at,
       d.supersedes_id, d.callback_status,
       r.answer, c.data_boundary, c.market, c.language, c.severity_hint, c.strategy_id,
       q.slug AS queue, q."group", q.surface, v.callback_endpoint
FROM entered
JOIN settled s ON s.decision_id = entered.decision_id AND s.kind = entered.kind
JOIN review_decision d ON d.id = entered.decision_id
JOIN review_case c ON c.id = d.case_id
JOIN queues_queue q ON q.id = d.queue_id
LEFT JOIN queues_queueversion v ON v.id = q.current_version_id
LEFT JOIN review_review r ON r.id = d.deciding_review_id
ORDER BY entered.position
