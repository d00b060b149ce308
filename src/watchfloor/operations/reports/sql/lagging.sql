-- Statements of the record whose decision the facts do not hold, or do not hold as a measure.
SELECT count(*) AS n
  FROM (SELECT unnest($ids) AS decision_id) r
  ANTI JOIN (SELECT decision_id FROM fact_decision
              WHERE decided_at >= $start AND decided_at < $end AND purpose = 'production' AND enforced AND violative) d
       ON d.decision_id = r.decision_id
