-- Undoes refuse_truncate.sql.
DROP TRIGGER not_emptied ON review_review;
DROP TRIGGER not_emptied ON review_case;
DROP TRIGGER not_emptied ON review_decision;
