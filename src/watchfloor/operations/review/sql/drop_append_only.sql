-- Undoes append_only.sql.
DROP FUNCTION review_tenure_band(date, date);
DROP TRIGGER append_only ON review_review;
DROP TRIGGER append_only ON review_case;
DROP TRIGGER append_only ON review_decision;
DROP TRIGGER settled_columns ON review_decision;
