-- Where the next range of decision events ends, as the first transaction id that is not in it.
-- Settled: below the oldest transaction still running, so that a late commit is never passed over. The last
-- transaction is always taken whole.
WITH edge AS MATERIALIZED (
    SELECT pg_snapshot_xmin(pg_current_snapshot()) AS oldest_running
)
SELECT coalesce(
    (
        SELECT e.xid::text::bigint + 1 FROM record_event e
        WHERE e.xid >= %(next_xid)s::text::xid8 AND e.xid < (SELECT oldest_running FROM edge)
          AND e.fact = 'decision'
        ORDER BY e.xid
        OFFSET %(limit)s::bigint - 1 LIMIT 1
    ),
    (SELECT oldest_running::text::bigint FROM edge)
) AS end_xid
