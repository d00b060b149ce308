-- Undoes recording.sql.
DROP FUNCTION wellbeing_record(bigint, text, text, text, text, timestamptz, timestamptz, double precision,
    boolean, boolean, uuid);
