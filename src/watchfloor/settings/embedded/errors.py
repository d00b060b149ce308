"""What can go wrong with the embedded database.

DatabaseError
├── ProgramsMissing      binaries
├── PlaceUnfit           places, identity
├── AlreadyOwned         server
└── ServerFailed         cluster, server
"""

from watchfloor.kernel import WatchfloorError


class DatabaseError(WatchfloorError):
    """The embedded database cannot do what was asked."""


class ProgramsMissing(DatabaseError):  # noqa: N818 -- names the state, as its siblings do
    """No PostgreSQL programs were found."""


class PlaceUnfit(DatabaseError):  # noqa: N818 -- names the state, as its siblings do
    """The database cannot stand where it should."""


class AlreadyOwned(DatabaseError):  # noqa: N818 -- names the state, as its siblings do
    """Another process owns this data directory."""


class ServerFailed(DatabaseError):  # noqa: N818 -- names the state, as its siblings do
    """The server or one of its programs failed."""
