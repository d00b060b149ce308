-- The settled events of one range. They come as they lie in the table: sorting rows this wide would spill, and
-- whoever needs the order has the ids.
-- first_xid: first transaction id of the range. end_xid: first one after it. Both are whole numbers.
SELECT
    e.id,
    e.xid::text::bigint AS xid,
    e.at,
    e.fact,
    e.key,
    e.payload::text AS payload
FROM record_event e
WHERE e.xid >= '{first_xid}'::xid8 AND e.xid < '{end_xid}'::xid8
