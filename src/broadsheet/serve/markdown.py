"""Comments set as HTML: a safe subset of Markdown, with mathematics. Knows no comment and no page.

CommonMark without raw HTML, images, headings, tables and rules; links go to the web alone and say that others
wrote them. ``$…$`` is mathematics, set as in abstracts. What is escaped is escaped once, by the renderer.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any, Final
from urllib.parse import urlsplit

from markdown_it import MarkdownIt
from markdown_it.rules_inline import StateInline
from markdown_it.token import Token
from markupsafe import Markup

from broadsheet.text import markup

_LINK: Final = "nofollow ugc noopener"  # written by others: https://developers.google.com/search/docs/crawling-indexing/qualify-outbound-links
_LONGEST_FORMULA: Final = 1000


@lru_cache(maxsize=2048)
def render(text: str) -> Markup:
    """Markdown as safe HTML."""
    return Markup(_MARKDOWN.render(text))  # noqa: S704  no raw HTML passes, and links are checked


def _formula(state: StateInline, silent: bool) -> bool:  # noqa: FBT001  markdown-it's own form of a rule
    """``$…$`` and ``$$…$$`` where they can be formulas: no space inside next to the signs, no digit after."""
    source, start = state.src, state.pos
    if source[start] != "$":
        return False
    mark = "$$" if source.startswith("$$", start) else "$"
    begin = start + len(mark)
    end = source.find(mark, begin)
    while end > 0 and source[end - 1] == "\\":
        end = source.find(mark, end + 1)
    inside = source[begin:end]
    after = source[end + len(mark) : end + len(mark) + 1]
    if end < 0 or not 0 < len(inside) <= _LONGEST_FORMULA or inside != inside.strip() or "\n\n" in inside:
        return False
    if mark == "$" and after.isdigit():  # "$5 and $6"
        return False
    if not silent:
        token = state.push("formula", "", 0)
        token.content = source[start : end + len(mark)]
    state.pos = end + len(mark)
    return True


def _set_formula(_: Any, tokens: list[Token], at: int, *__: Any) -> str:
    return markup.to_html(markup.parse(tokens[at].content))


def _set_link(renderer: Any, tokens: list[Token], at: int, options: Any, env: Any) -> str:
    tokens[at].attrSet("rel", _LINK)
    opened: str = renderer.renderToken(tokens, at, options, env)
    return opened


def _is_web(url: str) -> bool:
    try:
        return urlsplit(url.strip()).scheme.lower() in {"http", "https"}
    except ValueError:
        return False


def _made() -> MarkdownIt:
    made = MarkdownIt("commonmark", {"html": False, "linkify": False, "maxNesting": 20})
    made.disable(["html_block", "html_inline", "image", "heading", "lheading", "hr", "reference"])
    made.inline.ruler.before("escape", "formula", _formula)
    made.add_render_rule("formula", _set_formula)
    made.add_render_rule("link_open", _set_link)
    made.validateLink = _is_web  # type: ignore[method-assign]
    return made


_MARKDOWN: Final = _made()
