-- What the record still knows of one key from an event on: the event itself, and whether a later one was written.
-- 1: the fact. 2: its key. 3: id of the event.
SELECT
    coalesce(bool_or(e.id = $3), false) AS is_known,
    coalesce(bool_or(e.id > $3), false) AS has_later
FROM record_event e
WHERE e.fact = $1 AND e.key = $2 AND e.id >= $3
