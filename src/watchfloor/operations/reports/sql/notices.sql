-- Notices of a period by category: what was received, how long it took to act, and on which ground.
-- `flagger` counts trusted flaggers alone; a category of '' is every one.
WITH notice AS (
    SELECT c.source = 'trusted_flagger' AS is_flagger, d.automated, d.violative,
           extract(epoch FROM d.decided_at - c.enqueued_at) / 3600 AS hours,
           coalesce(CASE WHEN d.violative THEN l.dsa_category END, 'NOT_SPECIFIED_NOTICE') AS category,
           coalesce(CASE WHEN d.violative THEN l.dsa_keyword END, '') AS keyword,
           coalesce(g.is_illegal, false) AS is_illegal
      FROM review_case c
      LEFT JOIN LATERAL (
          SELECT * FROM review_decision d WHERE d.case_id = c.id AND d.decided_at < %(known_at)s
           ORDER BY d.version LIMIT 1) d ON true
      LEFT JOIN queues_queueversion q ON q.id = c.queue_version_id
      LEFT JOIN policies_policyversion v ON v.id = q.policy_version_id
      LEFT JOIN policies_policy p ON p.id = v.policy_id
      LEFT JOIN LATERAL (
          SELECT l.* FROM policies_label l
           WHERE l.policy_version_id = v.id AND l.code = ANY (d.labels) AND l.violative
           ORDER BY array_position(%(severities)s::text[], l.severity::text), l.code LIMIT 1) l ON true
      LEFT JOIN enforcement_ground g ON g.policy = p.slug AND g.label = l.code
     WHERE c.source IN ('article_16', 'trusted_flagger')
       AND c.enqueued_at >= %(start)s AND c.enqueued_at < %(end)s AND c.enqueued_at < %(known_at)s
)
SELECT category, keyword, who.is_flagger, count(*) AS n,
       percentile_cont(0.5) WITHIN GROUP (ORDER BY hours) AS median,
       count(*) FILTER (WHERE violative AND is_illegal) AS law,
       count(*) FILTER (WHERE violative AND NOT is_illegal) AS terms,
       count(*) FILTER (WHERE automated) AS automated
  FROM notice JOIN (VALUES (false), (true)) AS who (is_flagger) ON notice.is_flagger OR NOT who.is_flagger
 GROUP BY GROUPING SETS ((category, keyword, who.is_flagger), (category, who.is_flagger), (who.is_flagger))
 ORDER BY 1 NULLS FIRST, 2 NULLS FIRST, 3
