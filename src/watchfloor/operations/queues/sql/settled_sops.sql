-- A published procedure stays as people read it, and that they read it stays too.
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON queues_sop
    FOR EACH ROW EXECUTE FUNCTION record_refuse_change();
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON queues_sopacknowledgement
    FOR EACH ROW EXECUTE FUNCTION record_refuse_change();
CREATE TRIGGER not_emptied BEFORE TRUNCATE ON queues_sop EXECUTE FUNCTION record_refuse_truncate();
CREATE TRIGGER not_emptied BEFORE TRUNCATE ON queues_sopacknowledgement
    EXECUTE FUNCTION record_refuse_truncate();
