-- Lets the reports of one item take turns until the transaction ends, so that two first reports make one case.
SELECT pg_advisory_xact_lock(hashtextextended(%(item)s::text, 7))
