-- Undoes append_only.sql.
DROP TRIGGER append_only ON launches_launchcheck;
DROP TRIGGER not_emptied ON launches_launchcheck;
