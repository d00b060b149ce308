-- Undoes append_only.sql.
DROP FUNCTION record_instant(timestamptz);
DROP FUNCTION record_prune_events(xid8);
DROP FUNCTION record_refuse_change() CASCADE;
