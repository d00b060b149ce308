-- Undoes settled_sops.sql.
DROP TRIGGER append_only ON queues_sop;
DROP TRIGGER append_only ON queues_sopacknowledgement;
DROP TRIGGER not_emptied ON queues_sop;
DROP TRIGGER not_emptied ON queues_sopacknowledgement;
