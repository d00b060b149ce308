"""Pure mathematics on arrays and frozen dataclasses: no files, no clock, no database."""
