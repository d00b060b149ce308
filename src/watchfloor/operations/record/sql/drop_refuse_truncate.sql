-- Undoes refuse_truncate.sql.
DROP TRIGGER not_emptied ON record_event;
DROP TRIGGER not_emptied ON record_changeevent;
DROP TRIGGER not_emptied ON record_auditentry;
DROP TRIGGER not_emptied ON record_auditseal;
DROP FUNCTION record_refuse_truncate();
