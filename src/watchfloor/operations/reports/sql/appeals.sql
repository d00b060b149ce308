-- Complaints and disputes filed in a period with what became of them; a subject of NULL is every one.
SELECT a.kind, a.subject, count(*) AS n,
       count(*) FILTER (WHERE a.outcome = 'upheld') AS upheld,
       count(*) FILTER (WHERE a.outcome = 'partially_reversed') AS partial,
       count(*) FILTER (WHERE a.outcome = 'reversed') AS reversed,
       count(*) FILTER (WHERE a.outcome IN ('omitted', 'withdrawn')) AS omitted,
       percentile_cont(0.5) WITHIN GROUP (ORDER BY extract(epoch FROM a.decided_at - a.filed_at) / 3600) AS median,
       count(*) FILTER (WHERE a.implemented) AS implemented,
       count(*) FILTER (WHERE a.implemented IS NOT NULL) AS answered,
       count(*) FILTER (WHERE EXISTS (SELECT 1 FROM enforcement_restriction r WHERE r.decision_id = a.correction_id))
           AS new_restrictions
  FROM enforcement_appeal a
 WHERE a.kind IN ('internal_complaint', 'out_of_court')
   AND a.filed_at >= %(start)s AND a.filed_at < %(end)s AND a.filed_at < %(known_at)s
 GROUP BY GROUPING SETS ((a.kind, a.subject), (a.kind))
 ORDER BY 1, 2 NULLS FIRST
