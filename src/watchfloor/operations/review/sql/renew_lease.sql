-- Gives a good lease its whole time again, from now. No row: the token is stale.
UPDATE review_lease
SET expires_at = greatest(expires_at, %(now)s::timestamptz + make_interval(secs => lease_seconds))
WHERE token = %(token)s::uuid AND expires_at > %(now)s::timestamptz
RETURNING expires_at
