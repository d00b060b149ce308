-- Enqueues a batch, each case once by its client key: the case, its place in the hot table, its event, and
-- the counters of its queue. Returns the rows given whose client key had made a case before.
WITH given AS MATERIALIZED (
    SELECT * FROM jsonb_to_recordset(%(rows)s::jsonb) AS g (
        id uuid, client_key text, object_id text, queue bigint, version bigint, strategy_id text,
        enqueued_at timestamptz, deadline_at timestamptz, priority smallint, severity_hint text,
        risk_score float8, language text, market text, media_seconds float8, data_boundary text,
        parent uuid, content jsonb, excluded bigint[], site text, overflow_at timestamptz, source text, author_id text,
        topics varchar[], wellness_class text, purpose text, gold_id text)
), inserted AS (
    INSERT INTO review_case (id, client, client_key, object_id, queue_id, queue_version_id, strategy_id,
        enqueued_at, deadline_at, priority, severity_hint, risk_score, language, market, media_seconds,
        data_boundary, parent_id, content, source, author_id, topics, wellness_class, purpose, gold_id)
    SELECT id, %(client)s, client_key, object_id, queue, version, strategy_id, enqueued_at, deadline_at,
           priority, severity_hint, risk_score, language, market, media_seconds, data_boundary, parent, content,
           source, author_id, topics, wellness_class, purpose, gold_id
    FROM given
    ON CONFLICT (client, client_key) DO NOTHING
    RETURNING id
), waiting AS (
    INSERT INTO review_pending (case_id, queue_id, language, priority, deadline_at, enqueued_at, turn, excluded,
        site, overflow_at, topics, wellness_class)
    SELECT g.id, g.queue, g.language, g.priority, g.deadline_at, g.enqueued_at, 0, g.excluded, g.site,
           g.overflow_at, g.topics, g.wellness_class
    FROM given g JOIN inserted USING (id)
), events AS (
    INSERT INTO record_event (at, fact, key, payload)
    SELECT g.enqueued_at, 'case', g.id::text, jsonb_build_object(
               'queue_id', q.slug, 'queue_version', v.version, 'purpose', coalesce(nullif(g.purpose, ''), q.purpose),
               'surface', q.surface, 'case_id', g.id, 'object_id', nullif(g.object_id, ''), 'strategy_id', nullif(g.strategy_id, ''),
               'language', nullif(g.language, ''), 'market', nullif(g.market, ''),
               'data_boundary', nullif(g.data_boundary, ''), 'enqueued_at', record_instant(g.enqueued_at),
               'deadline_at', record_instant(g.deadline_at), 'priority', g.priority,
               'severity_hint', nullif(g.severity_hint, ''), 'risk_score', g.risk_score,
               'media_seconds', g.media_seconds, 'parent_case_id', g.parent)
    FROM given g
    JOIN inserted USING (id)
    JOIN queues_queue q ON q.id = g.queue
    JOIN queues_queueversion v ON v.id = g.version
), counted AS (
    INSERT INTO review_queuedelta (queue_id, backlog, in_review, at)
    SELECT g.queue, count(*), 0, %(now)s::timestamptz FROM given g JOIN inserted USING (id) GROUP BY g.queue
)
SELECT g.id, g.client_key FROM given g
WHERE g.client_key IS NOT NULL AND NOT EXISTS (SELECT FROM inserted WHERE inserted.id = g.id)
