-- Undoes lanes.sql, eligible.sql, give_case.sql, claim_case.sql and end_turn.sql.
DROP FUNCTION review_end_turn;
DROP FUNCTION review_claim_named(bigint, timestamptz, uuid, bigint);
DROP FUNCTION review_claim(bigint, timestamptz, bigint[], int, boolean);
DROP FUNCTION review_give(review_pending, bigint, timestamptz, boolean);
DROP FUNCTION review_is_for(review_pending, bigint, text[], text[], timestamptz);
DROP FUNCTION review_case_draw(uuid, int, int);
DROP FUNCTION review_lease_token(bigint, boolean);
DROP FUNCTION review_move_activity(bigint, text, text, timestamptz);
DROP FUNCTION review_raise_heads(bigint, boolean);
DROP TRIGGER keep_lanes ON review_pending;
DROP FUNCTION review_keep_lanes();
DROP FUNCTION review_lower_head(text, bigint);
DROP FUNCTION review_class_head(bigint, boolean);
DROP FUNCTION review_deadline_head(bigint, boolean);
DROP FUNCTION review_class_place(int, timestamptz);
DROP FUNCTION review_deadline_place(timestamptz);
DROP SEQUENCE review_claim_number;
DROP SEQUENCE review_apportioned;
