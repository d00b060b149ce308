-- What the record knows of each decision of a period that restricts something in the Union, by decision id:
-- what led to it, whether a machine detected it, and why it has a statement of reasons or none.
SELECT d.id::text AS decision_id,
       CASE WHEN c.source = 'trusted_flagger' THEN 'flagger'
            WHEN c.source IN ('article_16', 'other_notification') THEN 'notice'
            WHEN c.source IN ('order_to_act', 'order_to_inform') THEN 'order'
            ELSE 'own' END AS source,
       CASE WHEN jsonb_typeof(c.content -> 'automated_detection') = 'boolean'
            THEN (c.content ->> 'automated_detection')::boolean
            ELSE c.source IN ('', 'voluntary') AND c.risk_score IS NOT NULL END AS is_detected,
       CASE WHEN s.id IS NOT NULL THEN 'stated'
            WHEN d.withdrawn_at IS NOT NULL THEN 'withdrawn'
            WHEN EXISTS (SELECT 1 FROM review_decision n WHERE n.supersedes_id = d.id) THEN 'replaced'
            WHEN NOT r.in_force THEN 'lifted'
            ELSE 'waiting' END AS standing,
       coalesce(s.payload ->> 'category', '') AS stated_category
  FROM review_decision d
  JOIN review_case c ON c.id = d.case_id
  JOIN LATERAL (
      SELECT count(*) AS n, bool_or(r.lifted_at IS NULL) AS in_force
        FROM enforcement_restriction r
       WHERE r.decision_id = d.id
         AND CASE WHEN cardinality(r.territories) = 0 THEN c.market = '' OR c.market = ANY (%(union)s::text[])
                  ELSE r.territories::text[] && %(union)s::text[] END) r ON r.n > 0
  LEFT JOIN enforcement_statement s ON s.decision_id = d.id
 WHERE d.decided_at >= %(start)s AND d.decided_at < %(end)s
   AND d.decided_at < %(known_at)s
   AND d.enforced AND d.violative
 ORDER BY d.id
