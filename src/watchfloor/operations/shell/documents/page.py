"""Shows a document as a part of a page: the same tree, with charts that answer the pointer."""

from typing import Any

from django.template.loader import render_to_string
from django.utils.safestring import SafeString

from watchfloor.operations.shell.documents.tree import Chart, Document


def html_of(document: Document) -> SafeString:
    """Return the document as HTML; charts are drawn by the page's own script from their specifications."""
    blocks: list[dict[str, Any]] = [
        {
            "kind": type(block).__name__,
            "block": block,
            "chart_id": f"document-chart-{at}" if isinstance(block, Chart) else "",
        }
        for at, block in enumerate(document.blocks)
    ]
    return render_to_string("shell/document.html", {"document": document, "blocks": blocks})
