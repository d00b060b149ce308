"""From definitions and a query to SQL: which rows, split how, added up in one scan a relation.

`frame` renders what every statement shares (dimensions, buckets, restrictions, where the rows come from),
`additive` the counts, sums and ratios, `orders` quantiles, `stocks` snapshots.
"""
