-- Takes requests from a caller's bucket where they are there; says how long until they are, 0 when taken.
-- The clock is the database's, one for all web processes. A bucket is the instant when it is full again.
WITH taken AS (
    INSERT INTO people_requestbucket AS bucket (caller, full_at)
    VALUES (%(caller)s, clock_timestamp() + make_interval(secs => %(count)s::float8 * %(step)s::float8))
    ON CONFLICT (caller) DO UPDATE
    SET full_at = greatest(bucket.full_at, clock_timestamp())
        + make_interval(secs => %(count)s::float8 * %(step)s::float8)
    WHERE greatest(bucket.full_at, clock_timestamp())
        + make_interval(secs => (%(count)s::float8 - %(most)s::float8) * %(step)s::float8) <= clock_timestamp()
    RETURNING 1
)
SELECT CASE WHEN EXISTS (SELECT FROM taken) THEN 0.0
    ELSE greatest(0.001, coalesce((
        SELECT extract(epoch FROM full_at - clock_timestamp())::float8
            + (%(count)s::float8 - %(most)s::float8) * %(step)s::float8
        FROM people_requestbucket WHERE caller = %(caller)s
    ), 0.0)) END AS wait_seconds
