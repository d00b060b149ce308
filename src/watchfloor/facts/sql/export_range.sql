-- The settled events of one range, in one statement, so that the edge and the rows share a snapshot.
-- Settled: the transaction id lies under the oldest one still running, so nothing can be added to it.
-- $1: first transaction id of the range. $2: events after which the range ends; the last transaction
-- is always taken whole, so that no transaction is ever split between two ranges.
WITH edge AS MATERIALIZED (
    SELECT pg_snapshot_xmin(pg_current_snapshot()) AS oldest_running
),
last AS MATERIALIZED (
    SELECT coalesce(
        (
            SELECT e.xid FROM record_event e
            WHERE e.xid >= $1::text::xid8 AND e.xid < (SELECT oldest_running FROM edge)
            ORDER BY e.xid
            OFFSET $2::bigint - 1 LIMIT 1
        ),
        '18446744073709551615'::xid8
    ) AS xid
)
SELECT
    e.id,
    e.xid::text::bigint AS xid,
    e.at,
    e.fact,
    e.key,
    e.payload::text AS payload
FROM record_event e
WHERE e.xid >= $1::text::xid8
    AND e.xid < (SELECT oldest_running FROM edge)
    AND e.xid <= (SELECT xid FROM last)
ORDER BY e.xid, e.id
