"""What a question about metrics looks like in each of Explore's views: pictures, tables, remarks.

Start with `looking.look`; every module beside it makes one view. Pages, dashboards and files show the same
`parts.Sight`.
"""
