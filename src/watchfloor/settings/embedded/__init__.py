"""Our own PostgreSQL: a real server over the wheel's binaries, started beside the operation.

`places` says where its files stand, `binaries` finds the programs, `identity` which user runs them,
`cluster` makes the database directory, `launcher` ties a process's life to ours, `server` starts and stops.
"""

from watchfloor.settings.embedded.errors import DatabaseError
from watchfloor.settings.embedded.places import Places, places_of
from watchfloor.settings.embedded.server import Server

__all__ = ["DatabaseError", "Places", "Server", "places_of"]
