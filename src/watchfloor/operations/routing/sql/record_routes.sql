-- Keeps which rule chose each case's queue, and what its sender knew; a case that was made before is left as is.
INSERT INTO routing_route (case_id, version, position, surface, labels)
SELECT case_id, version, position, surface, labels
FROM jsonb_to_recordset(%(rows)s::jsonb)
    AS g (case_id uuid, version int, position int, surface text, labels varchar[])
ON CONFLICT (case_id) DO NOTHING
