"""Many clients at once while processes are killed and clocks jump; afterwards nothing may be wrong.

`history` is what clients note, `checker` finds what must not be in it, `clients` are the processes that work,
`receiver` is told by callbacks, `disturbance` kills, `reading` reads what was kept, `run` plays it all.
"""
