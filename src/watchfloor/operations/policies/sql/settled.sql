-- What was published stays as it was: facts name policy versions and labels for years.
CREATE FUNCTION policies_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE held text;
BEGIN
    IF TG_TABLE_NAME = 'policies_label' THEN
        SELECT state INTO held FROM policies_policyversion WHERE id = OLD.policy_version_id;
    ELSE
        held := OLD.state;
    END IF;
    IF held IS DISTINCT FROM 'draft' AND held IS NOT NULL THEN
        RAISE EXCEPTION '% on % is refused: its version is %.', TG_OP, TG_TABLE_NAME, held
            USING ERRCODE = 'restrict_violation', HINT = 'Draft a new version.';
    END IF;
    RETURN CASE TG_OP WHEN 'DELETE' THEN OLD ELSE NEW END;
END $$;

CREATE TRIGGER settled BEFORE UPDATE OR DELETE ON policies_label
    FOR EACH ROW EXECUTE FUNCTION policies_refuse_change();
CREATE TRIGGER settled BEFORE DELETE ON policies_policyversion
    FOR EACH ROW EXECUTE FUNCTION policies_refuse_change();
CREATE TRIGGER settled_columns BEFORE UPDATE OF policy_id, version, text ON policies_policyversion
    FOR EACH ROW WHEN (OLD.policy_id IS DISTINCT FROM NEW.policy_id OR OLD.version IS DISTINCT FROM NEW.version
                       OR OLD.text IS DISTINCT FROM NEW.text)
    EXECUTE FUNCTION policies_refuse_change();
