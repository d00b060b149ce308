-- Where the next range ends, as the first transaction id that is not in it.
-- Settled: the transaction id lies under the oldest one still running, so nothing can be added to it, and any
-- later statement sees the same events under it.
-- $1: first transaction id of the range. $2: events after which the range ends; the last transaction
-- is always taken whole, so that no transaction is ever split between two ranges.
WITH edge AS MATERIALIZED (
    SELECT pg_snapshot_xmin(pg_current_snapshot()) AS oldest_running
)
SELECT coalesce(
    (
        SELECT e.xid::text::bigint + 1 FROM record_event e
        WHERE e.xid >= $1::text::xid8 AND e.xid < (SELECT oldest_running FROM edge)
        ORDER BY e.xid
        OFFSET $2::bigint - 1 LIMIT 1
    ),
    (SELECT oldest_running::text::bigint FROM edge)
) AS end_xid
