-- Notes what one case showed to a person, in the transaction that ends its lease.
SELECT wellbeing_record(%(reviewer)s::bigint, %(code)s::text, %(site)s::text, %(team)s::text, %(class)s::text,
    %(began)s::timestamptz, %(ended)s::timestamptz, %(visible)s::double precision, %(blurred)s::boolean,
    %(sound)s::boolean, %(exposure)s::uuid)
