-- Takes deliveries that are due, at most as many an endpoint as it has room for, so that one that hangs keeps no
-- other from being told. Taken ones come due again after a while, should whoever took them die.
WITH room AS MATERIALIZED (
    SELECT * FROM jsonb_to_recordset(%(room)s::jsonb) AS r (endpoint bigint, free int)
), due AS MATERIALIZED (
    SELECT head.id
    FROM room
    CROSS JOIN LATERAL (
        SELECT d.id FROM enforcement_delivery d
        WHERE d.endpoint_id = room.endpoint AND d.state IN ('pending', 'failed')
          AND d.next_at <= %(now)s::timestamptz
        ORDER BY d.next_at, d.id
        LIMIT room.free
        FOR UPDATE SKIP LOCKED
    ) head
)
UPDATE enforcement_delivery d SET attempt = d.attempt + 1, next_at = %(again_at)s::timestamptz
FROM due WHERE d.id = due.id
RETURNING d.id
