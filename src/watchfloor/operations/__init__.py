"""The Django features of the operation, each a vertical slice. See ARCHITECTURE.md for their order."""
