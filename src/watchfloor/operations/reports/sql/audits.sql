-- Audited units of a period with both answers and the probability that they were drawn with.
SELECT coalesce(lower(a.language), '') AS language, a.pi, coalesce(a.stratum, '') AS stratum, a.design_id,
       a.verdict = 'correct' AS is_correct,
       a.answer_violative, a.truth_violative, a.auditor_verdict, a.verdict,
       coalesce(d.automated, false) AS is_automated
  FROM fact_audit a
  LEFT JOIN fact_decision d ON d.decision_id = a.unit_id OR (a.unit_kind = 'review' AND d.deciding_review_id = a.unit_id)
 WHERE a.unit_at >= $start AND a.unit_at < $end AND a.verdict IS NOT NULL AND a.pi > 0
   AND a.purpose = 'production'
QUALIFY row_number() OVER (PARTITION BY a.audit_id ORDER BY d.decision_version DESC) = 1
 ORDER BY a.audit_id
