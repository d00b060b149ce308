"""The reference page of the facts, written from their schemas: `python -m watchfloor.facts.reference`."""

import sys

from watchfloor.facts.schemas import TABLES, FactTable

_INTRODUCTION = """# Facts

Every number of Watchfloor is computed from these tables. An operation has one Delta Lake table a fact, under
`facts/<operation>/<fact>/`, and a version of all of them together for every commit.

This page is written from the schemas by
`python -m watchfloor.facts.reference > docs/reference/facts.md`.

- Instants are UTC, to the millisecond; periods are half-open.
- A required column is never null. Elsewhere null means "not known", never zero.
- In SQL a fact is `fact_<name>`; a word of the language, such as `at`, is quoted: `"at"`.
- A row is placed in the partition (`partition_date`: its day, or its month in a store made so) of the instant
  named below. Rows of one key are not looked for when they are appended; a merge replaces them.
"""


def facts_page() -> str:
    """Return the reference page as Markdown."""
    return "".join([_INTRODUCTION, *(_fact(table) for table in TABLES.values())])


def _fact(table: FactTable) -> str:
    key = ", ".join(f"`{name}`" for name in table.key)
    lines = [
        f"\n## {table.name}\n",
        f"{table.grain[0].upper()}{table.grain[1:]}. Key: {key}. Placed by `{table.instant}`.\n",
        "| Column | Type | Required | Meaning |",
        "|---|---|---|---|",
    ]
    for column in table.columns:
        allowed = f" One of {', '.join(f'`{one}`' for one in column.one_of)}." if column.one_of else ""
        required = "yes" if column.required else ""
        meaning = (column.doc + allowed).replace("|", "\\|")
        lines.append(f"| `{column.name}` | {column.type} | {required} | {meaning} |")
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    sys.stdout.write(facts_page())
