"""The DSA's harmonised transparency report: counted, laid out in 11 sheets, checked by 10 rules.

`counting.count` reads the numbers, `sheets.lay_out` sets them with what the provider types in,
`checks.check` finds what is wrong, `files` writes CSV and XLSX. The same input gives the same bytes.
"""
