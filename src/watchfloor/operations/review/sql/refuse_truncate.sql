-- Append-only tables are not emptied either.
CREATE TRIGGER not_emptied BEFORE TRUNCATE ON review_review EXECUTE FUNCTION record_refuse_truncate();
CREATE TRIGGER not_emptied BEFORE TRUNCATE ON review_case EXECUTE FUNCTION record_refuse_truncate();
CREATE TRIGGER not_emptied BEFORE TRUNCATE ON review_decision EXECUTE FUNCTION record_refuse_truncate();
