-- Reads a lease that is still good and keeps it from ending meanwhile, with the answers already given and the
-- decision that a further one would supersede. No row: the token is stale.
SELECT l.token, l.case_id, l.turn, l.queue_id, l.queue_version_id, l.reviewer_id, l.excluded, l.dimensions,
       l.deadline_at, l.template_version_id,
       q.mode, v.double_share, v.consensus_required, v.consensus_of, v.escalation_queue_id,
       c.parent_id, c.gold_id, c.object_id, c.data_boundary,
       CASE WHEN l.turn > 0 THEN (
           SELECT jsonb_agg(jsonb_build_object('turn', r.turn, 'labels', r.labels, 'action', r.action)
                            ORDER BY r.turn)
           FROM review_review r WHERE r.case_id = l.case_id AND r.outcome = 'submitted' AND r.turn IS NOT NULL)
       END AS earlier,
       CASE WHEN l.turn > 0 THEN (  -- a case that was decided and opened again
           SELECT jsonb_build_object('id', d.id, 'version', d.version)
           FROM review_decision d WHERE d.case_id = l.case_id ORDER BY d.version DESC LIMIT 1)
       END AS superseded
FROM review_lease l
JOIN queues_queue q ON q.id = l.queue_id
JOIN queues_queueversion v ON v.id = l.queue_version_id
JOIN review_case c ON c.id = l.case_id
WHERE l.token = %(token)s::uuid AND (l.expires_at > %(now)s::timestamptz OR %(late)s::boolean)
FOR UPDATE OF l
