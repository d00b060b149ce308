"""The demo operation: made once (`make`), seeded (`seed`), given a past (`history`), kept living (`live`).

Everything here is simulated and says so: the operation's first change event, the banner of the pages, the
author of what is written. An operation without simulation never runs this.
"""

AUTHOR = "simulation"
CLIENT = "simulation"
EMAIL_DOMAIN = "demo.invalid"
