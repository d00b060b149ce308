-- A configuration stays as it was in force: of a version only its end may change.
CREATE TRIGGER append_only BEFORE DELETE ON queues_queueversion
    FOR EACH ROW EXECUTE FUNCTION record_refuse_change();
CREATE TRIGGER settled_columns BEFORE UPDATE ON queues_queueversion
    FOR EACH ROW WHEN (to_jsonb(OLD) - 'effective_to' IS DISTINCT FROM to_jsonb(NEW) - 'effective_to')
    EXECUTE FUNCTION record_refuse_change();
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON queues_templateversion
    FOR EACH ROW EXECUTE FUNCTION record_refuse_change();
CREATE TRIGGER not_emptied BEFORE TRUNCATE ON queues_queueversion EXECUTE FUNCTION record_refuse_truncate();
CREATE TRIGGER not_emptied BEFORE TRUNCATE ON queues_templateversion EXECUTE FUNCTION record_refuse_truncate();
