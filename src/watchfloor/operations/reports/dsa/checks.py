"""The 10 rules that find what published reports get wrong: sheet, cell, reason and remedy of each. Pure.

The rules read the sheets as they would be filed, whoever made them.
"""

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from watchfloor.operations.reports.dsa import terms
from watchfloor.operations.reports.dsa.sheets import Cell, Declared, Sheet

_PLACEHOLDER = re.compile(r"\[\s*(…|\.\.\.)\s*\]|lorem ipsum|\bTBD\b", re.IGNORECASE)
_HEADS = 3


@dataclass(frozen=True, slots=True)
class Finding:
    """Something wrong: `rule` 1 to 10, where it stands, why it is wrong, what to do about it."""

    rule: int
    sheet: str
    cell: str
    message: str
    remedy: str
    weight: Literal["error", "warning"] = "error"


def check(
    sheets: Sequence[Sheet], *, declared: Declared, bridge: Mapping[str, Any] | None = None
) -> list[Finding]:
    """Return everything that the rules find, by rule and sheet. A report with an error is not frozen."""
    by_name = {sheet.name: sheet for sheet in sheets}
    found: list[Finding] = [*_order(sheets)]
    for sheet in sheets:
        found += [*_one_period(sheet, declared), *_placeholders(sheet), *_twice(sheet), *_scopes(sheet)]
    for name in (terms.ILLEGAL, terms.TERMS):
        if name in by_name:
            found += [*_contained(by_name[name]), *_restricted(by_name[name], declared)]
    for name in (terms.NOTICES, terms.ILLEGAL, terms.TERMS):
        if name in by_name:
            found += _adds_up(by_name[name], declared)
    if terms.APPEALS in by_name:
        found += [*_settled(by_name[terms.APPEALS], declared), *_medians(by_name[terms.APPEALS])]
    if terms.AUTOMATED in by_name:
        found += [*_scale(by_name[terms.AUTOMATED]), *_copied(by_name)]
    found += _complete(by_name, declared)
    if bridge is not None:
        found += _reconciled(bridge)
    return sorted(found, key=lambda one: (one.rule, _place(one.sheet), one.cell))


def _place(name: str) -> int:
    return terms.SHEETS.index(name) if name in terms.SHEETS else len(terms.SHEETS)


def at(row: int, column: int) -> str:
    """Return a cell as a spreadsheet names it; the header is row 1.

    >>> at(0, 0), at(3, 27)
    ('A2', 'AB5')
    """
    letters, rest = "", column + 1
    while rest:
        rest, letter = divmod(rest - 1, 26)
        letters = chr(65 + letter) + letters
    return f"{letters}{row + 2}"


def _number(value: Cell) -> float | None:
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else None


def _order(sheets: Sequence[Sheet]) -> Iterator[Finding]:
    if tuple(sheet.name for sheet in sheets) != terms.SHEETS:
        yield Finding(
            1,
            "",
            "",
            "The sheets are not the template's 11 in their order.",
            "Keep names and order as they are.",
        )


def _one_period(sheet: Sheet, declared: Declared) -> Iterator[Finding]:
    if "Reporting period" not in sheet.header:
        return
    column = sheet.column("Reporting period")
    for number, row in enumerate(sheet.rows):
        if row[column] != declared.period:
            yield Finding(
                1,
                sheet.name,
                at(number, column),
                f"The reporting period reads {row[column]!r}, not {declared.period!r}.",
                "The period is one constant: take it from sheet 1, never fill it down.",
            )


def _contained(sheet: Sheet) -> Iterator[Finding]:
    all_of, part = sheet.column(terms.MEASURES), sheet.column(terms.DETECTED)
    for number, row in enumerate(sheet.rows):
        whole, automated = _number(row[all_of]), _number(row[part])
        if whole is not None and automated is not None and automated > whole:
            yield Finding(
                2,
                sheet.name,
                at(number, part),
                f"Detected by automated means, {automated:,.0f}, exceeds the measures, {whole:,.0f}.",
                "The automated measures are a part of the total: count them within it.",
            )


def _adds_up(sheet: Sheet, declared: Declared) -> Iterator[Finding]:
    if declared.multi_category:
        return
    code = sheet.column("Category code")
    rows = {str(row[code]): (number, row) for number, row in enumerate(sheet.rows)}
    categories = [key for key in rows if key != "TOTAL" and "/" not in key]
    for column, title in enumerate(sheet.header):
        if (not title.startswith("Number of") and ":" not in title) or title.startswith("Contextual"):
            continue
        sums = sum(_number(rows[key][1][column]) or 0 for key in categories)
        if "TOTAL" in rows and categories:
            number, row = rows["TOTAL"]
            total = _number(row[column])
            if total is not None and total != sums:
                yield Finding(
                    2,
                    sheet.name,
                    at(number, column),
                    f"TOTAL is {total:,.0f}, its categories add up to {sums:,.0f}.",
                    "Give every measure exactly one category, or declare that one may count in several.",
                )
        for key in categories:
            words = [_number(rows[one][1][column]) or 0 for one in rows if one.startswith(f"{key}/")]
            whole = _number(rows[key][1][column])
            if whole is not None and sum(words) > whole:
                yield Finding(
                    2,
                    sheet.name,
                    at(rows[key][0], column),
                    f"The category counts {whole:,.0f}, its keywords {sum(words):,.0f}.",
                    "A keyword's measures are a part of its category's.",
                )


def _restricted(sheet: Sheet, declared: Declared) -> Iterator[Finding]:
    all_of, part = sheet.column(terms.MEASURES), sheet.column(terms.DETECTED)
    columns = [sheet.column(name) for name in terms.RESTRICTIONS.values() if name in sheet.header]
    for number, row in enumerate(sheet.rows):
        measures = _number(row[all_of])
        if measures is None:
            continue
        counts = {column: _number(row[column]) or 0 for column in columns}
        restrictions = sum(counts.values())
        if restrictions < measures:
            yield Finding(
                3,
                sheet.name,
                at(number, all_of),
                f"{measures:,.0f} measures carry {restrictions:,.0f} restrictions: some restrict nothing.",
                "Every measure has at least one restriction: find those without one.",
            )
        highest = max(counts, key=lambda column: counts[column], default=all_of)
        if counts.get(highest, 0) > measures:
            automated = _number(row[part])
            added = automated is not None and measures + automated == counts[highest]
            yield Finding(
                3,
                sheet.name,
                at(number, highest),
                f"One kind of restriction, {counts[highest]:,.0f}, exceeds the measures, {measures:,.0f}"
                + (f": it is the measures and the {automated:,.0f} automated ones added." if added else "."),
                "Solely automated measures are contained in the total, never added to it."
                if added
                else "One measure counts once in each kind of restriction.",
            )
        elif restrictions > measures and not declared.multi_restriction:
            yield Finding(
                3,
                sheet.name,
                at(number, all_of),
                f"{restrictions:,.0f} restrictions stand on {measures:,.0f} measures.",
                "Declare that one measure may carry several restrictions, or count each measure once.",
            )


def _copied(by_name: Mapping[str, Sheet]) -> Iterator[Finding]:
    automated = by_name[terms.AUTOMATED]
    decided = _long_value(automated, terms.SOLELY_AUTOMATED, "Own-initiative")
    detected = [
        _number(row[sheet.column(terms.DETECTED)])
        for name in (terms.ILLEGAL, terms.TERMS)
        if (sheet := by_name.get(name)) is not None
        for row in sheet.rows
        if row[sheet.column("Category code")] == "TOTAL"
    ]
    known = [one for one in detected if one is not None]
    if decided is not None and known and decided[1] == sum(known) and decided[1] > 0:
        yield Finding(
            4,
            terms.AUTOMATED,
            decided[0],
            f"Decided by automated means, {decided[1]:,.0f}, equals what sheets 5 and 6 count as detected.",
            "Sheets 5 and 6 count detection, sheet 8 decisions: take neither from the other.",
            "warning",
        )


def _long_value(sheet: Sheet, indicator: str, scope: str) -> tuple[str, float] | None:
    names, scopes, values = (sheet.column(title) for title in ("Indicator", "Scope", "Value"))
    for number, row in enumerate(sheet.rows):
        value = _number(row[values])
        if row[names] == indicator and row[scopes] == scope and value is not None:
            return at(number, values), value
    return None


def _twice(sheet: Sheet) -> Iterator[Finding]:
    titles = [title for title in ("Category code", "Section", "Indicator", "Scope") if title in sheet.header]
    if not titles:
        return
    columns = [sheet.column(title) for title in titles]
    seen: Counter[tuple[Cell, ...]] = Counter()
    for number, row in enumerate(sheet.rows):
        key = tuple(row[column] for column in columns)
        seen[key] += 1
        if seen[key] == 2:
            yield Finding(
                5,
                sheet.name,
                at(number, columns[0]),
                f"The row {' · '.join(str(part) for part in key)} stands twice.",
                "Keep one row for each category and keyword: add the two up, or delete one.",
            )


def _placeholders(sheet: Sheet) -> Iterator[Finding]:
    for number, row in enumerate(sheet.rows):
        for column, value in enumerate(row):
            if isinstance(value, str) and (held := _PLACEHOLDER.search(value)):
                yield Finding(
                    5,
                    sheet.name,
                    at(number, column),
                    f"The cell still holds a placeholder: {held.group(0)!r}.",
                    "Write out what it stands for, or leave the cell blank.",
                )


def _medians(sheet: Sheet) -> Iterator[Finding]:
    scopes, context = sheet.column("Scope"), sheet.column("Contextual information")
    units = {row[context] for row in sheet.rows if row[scopes] == terms.MEDIAN}
    if len(units) > 1 or None in units:
        yield Finding(
            6,
            sheet.name,
            at(0, context),
            f"Medians stand in {', '.join(sorted(str(unit) for unit in units))}.",
            f"Declare one unit of time for the whole column: {terms.TIME_UNIT}.",
        )
    for number, row in enumerate(sheet.rows):
        value = row[sheet.column("Value")]
        if row[scopes] == terms.MEDIAN and value == 0 and _total_of(sheet, row) == 0:
            yield Finding(
                6,
                sheet.name,
                at(number, sheet.column("Value")),
                "A median of 0 stands where nothing was decided.",
                "Leave it blank: 0 says that it took no time, blank that there is none.",
            )


def _total_of(sheet: Sheet, wanted: Sequence[Cell]) -> float | None:
    indicator, scopes, values = (sheet.column(title) for title in ("Indicator", "Scope", "Value"))
    for row in sheet.rows:
        if row[indicator] == wanted[indicator] and row[scopes] == terms.TOTAL_NUMBER:
            return _number(row[values])
    return None


def _scale(sheet: Sheet) -> Iterator[Finding]:
    indicator, values = sheet.column("Indicator"), sheet.column("Value")
    for number, row in enumerate(sheet.rows):
        value = _number(row[values])
        if row[indicator] in terms.ACCURACY_INDICATORS.values() and value is not None and not 0 <= value <= 1:
            yield Finding(
                7,
                sheet.name,
                at(number, values),
                f"{row[indicator]} is {value:g}: outside 0 to 1.",
                f"State it as a share: {value / 100:g} where {value:g}% is meant.",
            )


_STATES_MEANT = {"EL": "GR", "CS": "CZ", "DA": "DK", "ET": "EE", "SL": "SI", "SV": "SE"}
_LANGUAGES_MEANT = {"gr": "el", "cz": "cs", "dk": "da", "ee": "et", "si": "sl", "se": "sv"}


def _scopes(sheet: Sheet) -> Iterator[Finding]:
    if "Scope" not in sheet.header or sheet.name not in (terms.ORDERS, terms.PEOPLE, terms.RECIPIENTS):
        return
    column = sheet.column("Scope")
    is_language = sheet.name == terms.PEOPLE
    allowed = {"Total", *terms.LANGUAGES} if is_language else {"TOTAL", *terms.MEMBER_STATES}
    meant = _LANGUAGES_MEANT if is_language else _STATES_MEANT
    for number, row in enumerate(sheet.rows):
        scope = str(row[column])
        if scope not in allowed:
            close = meant.get(scope.lower() if is_language else scope.upper())
            kind = "language" if is_language else "Member State"
            yield Finding(
                8,
                sheet.name,
                at(number, column),
                f"{scope!r} is no code of a {kind}.",
                f"Write {close!r}." if close else f"Use one of {', '.join(sorted(allowed))}.",
            )
    if is_language and (missing := allowed - {str(row[column]) for row in sheet.rows}):
        yield Finding(
            8,
            sheet.name,
            at(0, column),
            f"The row of {', '.join(sorted(missing))} is missing.",
            "Every official language has its row, Irish (ga) too, even at 0.",
        )


def _settled(sheet: Sheet, declared: Declared) -> Iterator[Finding]:
    total = _long_value(sheet, terms.COMPLAINTS, terms.TOTAL_NUMBER)
    if total is None:
        return
    parts = [
        _long_value(sheet, terms.COMPLAINTS, scope)
        for scope in (terms.UPHELD, terms.PARTIAL, terms.REVERSED, terms.OMITTED)
    ]
    decided = sum(part[1] for part in parts if part)
    carried = declared.carry_over or 0
    if decided > total[1] + carried:
        yield Finding(
            9,
            sheet.name,
            total[0],
            f"{decided:,.0f} complaints were settled, {total[1]:,.0f} "
            f"submitted and {carried:,.0f} carried over.",
            "Say how many were carried over from the period before, or count "
            "outcomes of this period's alone.",
        )


def _complete(by_name: Mapping[str, Sheet], declared: Declared) -> Iterator[Finding]:
    first = by_name.get(terms.IDENTIFICATION)
    for number, row in enumerate(first.rows if first else ()):
        if row[1] is None and "previous" not in str(row[0]):
            yield Finding(
                6, terms.IDENTIFICATION, at(number, 1), f"{row[0]} is blank.", "Fill it in: step Provider."
            )
    if declared.is_very_large and declared.recipients.get("TOTAL") is None:
        yield Finding(
            6,
            terms.RECIPIENTS,
            at(0, 6),
            "The average monthly active recipients are blank.",
            "Type them in: step Recipients. No record of moderation holds them.",
        )
    last = by_name.get(terms.WORDS)
    for number, row in enumerate(last.rows if last else ()):
        if row[0] == "Yes" and row[-1] is None:
            yield Finding(
                6,
                terms.WORDS,
                at(number, len(row) - 1),
                f"The text “{row[-2]}” is missing.",
                "Write it: step Words.",
                "warning",
            )


def _reconciled(bridge: Mapping[str, Any]) -> Iterator[Finding]:
    if bridge["residual"]:
        yield Finding(
            10,
            "",
            "",
            f"{bridge['residual']:+,d} statements of reasons are explained by nothing in the bridge.",
            "Rebuild the statements, let the facts catch up, and draw the numbers again.",
        )
    for cause, n in bridge.get("open", {}).items():
        if n:
            yield Finding(
                10,
                "",
                "",
                f"{n:,d} measures differ from their statements: {cause}.",
                "See the bridge; settle them before the report is published.",
                "warning",
            )
