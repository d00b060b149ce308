-- Rows of these tables are written once. Events alone may be deleted, by record_prune_events().

CREATE FUNCTION record_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' AND TG_TABLE_NAME = 'record_event'
       AND current_setting('watchfloor.pruning', true) = 'on' THEN
        RETURN OLD;
    END IF;
    RAISE EXCEPTION '% on % is refused: its rows are append-only.', TG_OP, TG_TABLE_NAME
        USING ERRCODE = 'restrict_violation', HINT = 'Write a new row that corrects the old one.';
END $$;

CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON record_event
    FOR EACH ROW EXECUTE FUNCTION record_refuse_change();
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON record_changeevent
    FOR EACH ROW EXECUTE FUNCTION record_refuse_change();
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON record_auditentry
    FOR EACH ROW EXECUTE FUNCTION record_refuse_change();
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON record_auditseal
    FOR EACH ROW EXECUTE FUNCTION record_refuse_change();

-- Deletes exported events whose transaction is older than `before`; returns how many.
CREATE FUNCTION record_prune_events(before xid8) RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE pruned bigint;
BEGIN
    PERFORM set_config('watchfloor.pruning', 'on', true);
    DELETE FROM record_event WHERE xid < before;
    GET DIAGNOSTICS pruned = ROW_COUNT;
    PERFORM set_config('watchfloor.pruning', 'off', true);
    RETURN pruned;
END $$;

-- An instant as the facts write it: ISO 8601, UTC, milliseconds.
CREATE FUNCTION record_instant(at timestamptz) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT to_char(at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')
$$;
