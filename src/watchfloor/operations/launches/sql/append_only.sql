-- What a check came to is written once, and the table is not emptied.
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON launches_launchcheck
    FOR EACH ROW EXECUTE FUNCTION record_refuse_change();
CREATE TRIGGER not_emptied BEFORE TRUNCATE ON launches_launchcheck EXECUTE FUNCTION record_refuse_truncate();
