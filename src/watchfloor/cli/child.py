"""One process of the operation that is no server: `python -m watchfloor.cli.child NAME`.

The supervisor starts it.
"""

import importlib
import logging
import signal
import sys
from threading import Event

from watchfloor.cli.operation import set_up_django

# Name → the loop, which takes the event that ends it.
LOOPS = {
    "pulse": "watchfloor.operations.review.pulse:run_pulse",
    "actor": "watchfloor.operations.review.actors.live:run_actor",
}


def main(name: str) -> None:
    """Run the loop until SIGTERM or SIGINT."""
    set_up_django()
    module, _, attribute = LOOPS[name].partition(":")
    loop = getattr(importlib.import_module(module), attribute)
    stop = Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda _number, _frame: stop.set())
    logging.getLogger("watchfloor").info("%s runs", name)
    loop(stop)


if __name__ == "__main__":
    main(sys.argv[1])
