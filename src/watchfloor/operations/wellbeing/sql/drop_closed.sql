-- Undoes closed.sql.
DROP FUNCTION wellbeing_opted_out(bigint);
DROP FUNCTION wellbeing_closed(bigint, timestamptz);
DROP FUNCTION wellbeing_must_cool(bigint, timestamptz);
DROP FUNCTION wellbeing_run_length(bigint, timestamptz, int, int, int);
DROP FUNCTION wellbeing_budgets(bigint, timestamptz);
DROP FUNCTION wellbeing_rhythm_of(bigint);
DROP FUNCTION wellbeing_in_hand(bigint);
