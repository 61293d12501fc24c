"""Bytes of an answer → an XML tree that can do no harm. Knows no vocabulary.

No entities, no DTD, no network, libxml2's limits in force. What is not the document that was asked
for is ``MalformedError``: arXiv's hosts answer with HTML pages and with half documents at times.
"""

from __future__ import annotations

from lxml import etree

from broadsheet.source.arxiv.client import MalformedError

# Metadata typed in long ago holds control characters, which XML forbids even in UTF-8.
_CONTROLS = bytes({*range(0x20)} - {0x09, 0x0A, 0x0D})


def parse(body: bytes, *, roots: tuple[str, ...]) -> etree._Element:
    """The root element of a document, which is one of ``roots`` (local names). Raises MalformedError."""
    data = body.translate(None, delete=_CONTROLS).strip()
    if not data:
        raise MalformedError("the answer is empty")
    try:
        root = _tree(data)
    except (etree.XMLSyntaxError, ValueError) as error:
        raise MalformedError(f"the answer is not a whole XML document ({_shown(error)})") from error
    if root.getroottree().docinfo.internalDTD is not None:
        raise MalformedError("the answer declares a document type, which arXiv's never do")
    if name(root) not in roots:
        raise MalformedError(f"the answer is a <{name(root)}> document, wanted <{'> or <'.join(roots)}>")
    return root


def name(element: etree._Element) -> str:
    """An element's name without its namespace."""
    return str(element.tag).rpartition("}")[2]


def child(element: etree._Element, wanted: str) -> etree._Element | None:
    """The first child of a name, whatever its namespace."""
    return next((c for c in element if name(c) == wanted), None)


def children(element: etree._Element, wanted: str) -> list[etree._Element]:
    """All children of a name, whatever their namespace."""
    return [c for c in element if name(c) == wanted]


def text(element: etree._Element | None, wanted: str | None = None) -> str:
    """The text of an element (or of its child of a name), white space collapsed; "" where there is none."""
    found = child(element, wanted) if element is not None and wanted else element
    if found is None:
        return ""
    return " ".join("".join(map(str, found.itertext(with_tail=False))).split())


def _tree(data: bytes) -> etree._Element:
    try:
        return etree.fromstring(data, _parser())
    except etree.XMLSyntaxError:
        # One mistyped byte must not hide a page for ever; a cut-off page fails here as well.
        repaired = data.decode("utf-8", "replace").encode()
        if repaired == data:
            raise
        return etree.fromstring(repaired, _parser())


def _parser() -> etree.XMLParser:
    return etree.XMLParser(
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        huge_tree=False,
        recover=False,
        remove_comments=True,
        remove_pis=True,
    )


def _shown(error: Exception) -> str:
    return str(error)[:120]
