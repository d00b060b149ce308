-- Measures of a period in groups: decisions of production that restrict, as the facts keep them, each with what
-- the record knows of it. `no_record` is a decision that came with an imported history.
WITH recorded AS (
    SELECT unnest($ids) AS decision_id, unnest($sources) AS source, unnest($detected) AS is_detected,
           unnest($standings) AS standing, unnest($categories) AS stated_category
)
SELECT d.queue_id, d.queue_version, list_sort(d.labels) AS labels, d.action, coalesce(d.market, '') AS market,
       coalesce(d.automated, false) AS is_automated,
       coalesce(r.source, 'own') AS source,
       coalesce(r.is_detected, c.risk_score IS NOT NULL) AS is_detected,
       coalesce(r.standing, 'no_record') AS standing,
       coalesce(r.stated_category, '') AS stated_category,
       coalesce(CAST(json_extract(v.answer_json, '$.restrictions') AS VARCHAR), '') AS restrictions,
       coalesce(CAST(json_extract(v.answer_json, '$.territories') AS VARCHAR), '') AS territories,
       count(*) AS n
  FROM fact_decision d
  LEFT JOIN fact_case c ON c.case_id = d.case_id
  LEFT JOIN fact_review v ON v.review_id = d.deciding_review_id
  LEFT JOIN recorded r ON r.decision_id = d.decision_id
 WHERE d.decided_at >= $start AND d.decided_at < $end AND d.purpose = 'production'
   AND coalesce(d.enforced, $is_log) AND coalesce(d.violative, $is_log)
 GROUP BY ALL
 ORDER BY ALL
