-- Which server this is, and the transaction id that it will hand out next.
SELECT
    (SELECT system_identifier FROM pg_control_system()) AS system_identifier,
    pg_snapshot_xmax(pg_current_snapshot())::text::bigint AS next_xid
