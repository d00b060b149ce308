-- Adds to a strategy's clock hour and returns it; the row is locked until the caller's transaction ends, so
-- that two batches cannot both fit under one throttle.
INSERT INTO routing_strategyhour AS h (strategy_id, starts_at, taken, refused)
SELECT id, date_trunc('hour', %(now)s::timestamptz, 'UTC'), %(taken)s::bigint, %(refused)s::bigint
FROM routing_strategy WHERE slug = %(slug)s::text
ON CONFLICT (strategy_id, starts_at)
DO UPDATE SET taken = h.taken + excluded.taken, refused = h.refused + excluded.refused
RETURNING taken, refused
