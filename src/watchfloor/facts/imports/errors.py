"""The errors of an import, as one tree.

WatchfloorError
└── ImportsError
    ├── MappingError        the mapping file is wrong
    ├── SourceFileError     a file cannot be read, or is not what the mapping describes
    ├── NoRoomError         the disk is too small for the import
    └── NoSuchImportError   an import that was never made
"""

from watchfloor.kernel import WatchfloorError


class ImportsError(WatchfloorError):
    """An import could not be made; nothing was loaded."""


class MappingError(ImportsError):
    """The mapping is not valid."""


class SourceFileError(ImportsError):
    """A file cannot be read, or is not what the mapping describes."""


class NoRoomError(ImportsError):
    """There is not enough free disk space for the import."""


class NoSuchImportError(ImportsError):
    """No import has that id."""
