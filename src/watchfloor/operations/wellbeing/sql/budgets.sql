-- The budgets of one person, in a settled order.
SELECT b.wellness_class, b.span, b.measure, b.most, b.spent, b.in_hand, b.since
FROM wellbeing_budgets(%(reviewer)s::bigint, %(now)s::timestamptz) b
ORDER BY array_position(ARRAY['severe', 'elevated'], b.wellness_class),
         array_position(ARRAY['hour', 'day', 'week'], b.span), b.measure
