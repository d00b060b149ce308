-- Undoes settled.sql.
DROP FUNCTION policies_refuse_change() CASCADE;
