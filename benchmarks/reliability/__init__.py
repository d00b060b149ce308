"""Many clients at once while processes are killed and clocks jump; afterwards nothing may be wrong.

`history` is what clients note, `checker` and `aftermath_checker` find what must not be in it, `clients` are
the processes that work, by the `ways` they go (`pages` among them, with clocks that `jumping` bends) and with
the `aftermath` of decisions; `receiver` is told by callbacks, `disturbance` kills, `seeding` makes what it
begins with, `reading` reads what was kept, `run` plays it all.
"""
