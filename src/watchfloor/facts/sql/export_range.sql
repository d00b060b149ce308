-- The settled events of one range. They come as they lie in the table: sorting rows this wide would spill, and
-- whoever needs the order has the ids.
-- $1: first transaction id of the range. $2: first one after it.
SELECT
    e.id,
    e.xid::text::bigint AS xid,
    e.at,
    e.fact,
    e.key,
    e.payload::text AS payload
FROM record_event e
WHERE e.xid >= $1::text::xid8 AND e.xid < $2::text::xid8
