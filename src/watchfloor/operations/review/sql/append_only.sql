-- Reviews and cases are written once; of a decision only its callback and its withdrawal may change.
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON review_review
    FOR EACH ROW EXECUTE FUNCTION record_refuse_change();
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON review_case
    FOR EACH ROW EXECUTE FUNCTION record_refuse_change();
CREATE TRIGGER append_only BEFORE DELETE ON review_decision
    FOR EACH ROW EXECUTE FUNCTION record_refuse_change();
CREATE TRIGGER settled_columns BEFORE UPDATE OF
        id, case_id, version, queue_id, deciding_review_id, rule, decided_at, labels, action, violative,
        enforced, automated, supersedes_id
    ON review_decision
    FOR EACH ROW EXECUTE FUNCTION record_refuse_change();

-- The hot tables turn over all the time: clean them early and leave room on their pages.
ALTER TABLE review_pending SET (autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_threshold = 1000,
    autovacuum_vacuum_cost_delay = 0);
ALTER TABLE review_lease SET (autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_threshold = 200,
    autovacuum_vacuum_cost_delay = 0);
ALTER TABLE review_queuedelta SET (autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_threshold = 1000,
    autovacuum_vacuum_cost_delay = 0);
ALTER TABLE review_activityinterval SET (fillfactor = 50);

-- Days since the first production case, as the facts band them.
CREATE FUNCTION review_tenure_band(first_day date, today date) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT CASE
        WHEN first_day IS NULL OR today - first_day <= 30 THEN '0-30'
        WHEN today - first_day <= 90 THEN '31-90'
        WHEN today - first_day <= 180 THEN '91-180'
        WHEN today - first_day <= 365 THEN '181-365'
        ELSE '366+' END
$$;
