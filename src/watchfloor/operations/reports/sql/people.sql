-- Who submitted a review in a period, and for whom they last worked in it.
SELECT reviewer_id, arg_max(employer_kind, submitted_at) AS employer_kind
  FROM fact_review
 WHERE submitted_at >= $start AND submitted_at < $end AND reviewer_id IS NOT NULL
 GROUP BY 1
 ORDER BY 1
