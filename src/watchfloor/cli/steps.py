"""Shows what is being done: one line a step, moving while it lasts, with its seconds when done."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.status import Status

Progress = Callable[[str], None]
# A step that took less is told without its seconds.
WORTH_TELLING_SECONDS = 0.1


class Steps:
    """Tells the person at the terminal what happens."""

    def __init__(self, console: Console | None = None) -> None:
        self.console = console or Console(highlight=False)

    @contextmanager
    def step(self, name: str) -> Iterator[Progress]:
        """Show a step while it lasts; give a function that shows how far it is."""
        started = time.monotonic()
        if self.console.is_terminal:
            with Status(name, console=self.console) as status:
                yield lambda text: status.update(f"{name}: {text}")
        else:
            # No moving line can be drawn, as in a log: say it at once, and how far it is now and then.
            self.console.print(f"… {name}")
            yield self._now_and_then(name)
        seconds = time.monotonic() - started
        told = f" [dim]{seconds:.1f} s[/dim]" if seconds >= WORTH_TELLING_SECONDS else ""
        self.console.print(f"[green]✓[/green] {name}{told}")

    def _now_and_then(self, name: str, *, every_seconds: float = 5.0) -> Progress:
        last = time.monotonic()

        def show(text: str) -> None:
            nonlocal last
            if time.monotonic() - last >= every_seconds:
                last = time.monotonic()
                self.console.print(f"… {name}: {text}")

        return show

    def tell(self, text: str) -> None:
        """Show one line."""
        self.console.print(text, soft_wrap=True)
