-- Begins a case that was fetched ahead: its handle time counts from now. No row: the token is stale.
WITH good AS (
    SELECT l.token, l.reviewer_id, l.is_prefetched FROM review_lease l
    WHERE l.token = %(token)s::uuid AND l.expires_at > %(now)s::timestamptz
    FOR UPDATE
), begun AS (
    UPDATE review_lease l
    SET expires_at = greatest(l.expires_at, %(now)s::timestamptz + make_interval(secs => l.lease_seconds)),
        claimed_at = CASE WHEN l.is_prefetched THEN %(now)s::timestamptz ELSE l.claimed_at END,
        is_prefetched = false
    FROM good WHERE l.token = good.token
    RETURNING l.expires_at
)
SELECT begun.expires_at,
       CASE WHEN good.is_prefetched
           THEN review_move_activity(good.reviewer_id, 'available', 'handling', %(now)s::timestamptz)::text END
           AS moved
FROM begun, good
