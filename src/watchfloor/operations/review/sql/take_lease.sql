-- Ends a lease that is still good, and returns it with the answers already given. No row: the token is stale.
WITH ended AS (
    DELETE FROM review_lease
    WHERE token = %(token)s::uuid AND (expires_at > %(now)s::timestamptz OR %(expired)s::boolean)
    RETURNING *
)
SELECT ended.*,
       q.mode, q.purpose, v.version, v.policy_number, v.sop_version, v.double_share, v.escalation_queue_id,
       tv.version AS template_number,
       c.parent_id,
       CASE WHEN ended.turn > 0 THEN (
           SELECT jsonb_agg(jsonb_build_object('turn', r.turn, 'labels', r.labels, 'action', r.action)
                            ORDER BY r.turn)
           FROM review_review r WHERE r.case_id = ended.case_id AND r.outcome = 'submitted'
             AND r.turn IS NOT NULL)
       END AS earlier,
       CASE WHEN ended.turn > 0 THEN (  -- a case that was decided and opened again
           SELECT jsonb_build_object('id', d.id, 'version', d.version)
           FROM review_decision d WHERE d.case_id = ended.case_id ORDER BY d.version DESC LIMIT 1)
       END AS superseded
FROM ended
JOIN queues_queue q ON q.id = ended.queue_id
JOIN queues_queueversion v ON v.id = ended.queue_version_id
LEFT JOIN queues_templateversion tv ON tv.id = v.template_version_id
JOIN review_case c ON c.id = ended.case_id
