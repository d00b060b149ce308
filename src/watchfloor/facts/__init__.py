"""The columnar record: schemas, log import by mapping, export from the operation, engines."""
