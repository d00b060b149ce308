"""One document, three forms: a page, a PDF, a workbook. Whoever has something to report builds the tree.

Start with `tree.Document`; `page.html_of`, `typeset.pdf_of` and `workbook.workbook_of` render it. The same
tree gives the same bytes, so a report can be checked by its hash.
"""

from watchfloor.operations.shell.documents.tree import (
    Block,
    Chart,
    Column,
    Document,
    Figure,
    Figures,
    Heading,
    Note,
    Number,
    PageBreak,
    Series,
    Table,
    Text,
)

__all__ = [
    "Block",
    "Chart",
    "Column",
    "Document",
    "Figure",
    "Figures",
    "Heading",
    "Note",
    "Number",
    "PageBreak",
    "Series",
    "Table",
    "Text",
]
