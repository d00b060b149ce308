-- Append-only tables are not emptied either: TRUNCATE passes by the triggers on rows.
-- A database made for tests may allow it, by `ALTER DATABASE … SET watchfloor.emptying = 'on'`.
CREATE FUNCTION record_refuse_truncate() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF current_setting('watchfloor.emptying', true) = 'on' THEN
        RETURN NULL;
    END IF;
    RAISE EXCEPTION 'TRUNCATE on % is refused: its rows are append-only.', TG_TABLE_NAME
        USING ERRCODE = 'restrict_violation', HINT = 'Make a new database to start anew.';
END $$;

CREATE TRIGGER not_emptied BEFORE TRUNCATE ON record_event EXECUTE FUNCTION record_refuse_truncate();
CREATE TRIGGER not_emptied BEFORE TRUNCATE ON record_changeevent EXECUTE FUNCTION record_refuse_truncate();
CREATE TRIGGER not_emptied BEFORE TRUNCATE ON record_auditentry EXECUTE FUNCTION record_refuse_truncate();
CREATE TRIGGER not_emptied BEFORE TRUNCATE ON record_auditseal EXECUTE FUNCTION record_refuse_truncate();
