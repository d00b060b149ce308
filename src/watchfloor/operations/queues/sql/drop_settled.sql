-- Undoes settled.sql.
DROP TRIGGER append_only ON queues_queueversion;
DROP TRIGGER settled_columns ON queues_queueversion;
DROP TRIGGER append_only ON queues_templateversion;
DROP TRIGGER not_emptied ON queues_queueversion;
DROP TRIGGER not_emptied ON queues_templateversion;
