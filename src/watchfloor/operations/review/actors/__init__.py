"""The demo operation: seeded once (`seed`), given a past (`history`), kept living (`live`).

Everything here is simulated and says so: the operation's first change event, the banner of the pages, the
author of what is written. An operation without simulation never runs this.
"""

AUTHOR = "simulation"
CLIENT = "simulation"
EMAIL_DOMAIN = "demo.invalid"
# Where a simulated case keeps what it really is. For the actor; nothing in the product reads it.
TRUTH = "simulated_truth"
