"""Lets `python -m watchfloor.cli` be the command `watchfloor`."""

from watchfloor.cli.main import main

main()
