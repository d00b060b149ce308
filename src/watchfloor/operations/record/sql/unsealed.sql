-- Entries of settled transactions that no seal covers, in the final order.
SELECT a.* FROM record_auditentry a
LEFT JOIN record_auditseal s ON s.entry_id = a.id
WHERE s.entry_id IS NULL AND a.xid < pg_snapshot_xmin(pg_current_snapshot())
ORDER BY a.xid, a.id
LIMIT %(limit)s
