"""Our generated documents as HTML: headings, paragraphs, lists, tables, code, emphasis and links of Markdown."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from html import escape, unescape


def html_of(text: str) -> str:
    """A document as HTML. Sections of the second level have the anchors that its links name."""
    return "".join(map(_block, filter(None, (part.strip() for part in text.split("\n\n")))))


def _block(part: str) -> str:
    first, _, rest = part.partition("\n")
    if first.startswith("<!--"):
        return ""
    if first.startswith("#"):
        marks, _, title = first.partition(" ")
        level = len(marks)
        anchor = f' id="{re.sub(r"[^a-z0-9]+", "-", title.lower())}"' if level == 2 else ""
        return f"<h{level}{anchor}>{_inline(title)}</h{level}>" + (_block(rest) if rest else "")
    if first.startswith("- "):
        items = re.split(r"\n- ", part.removeprefix("- "))
        return f"<ul>{''.join(f'<li>{_inline(item)}</li>' for item in items)}</ul>"
    if first.startswith("|"):
        return _table(part.splitlines())
    return f"<p>{_inline(part)}</p>"


def _table(lines: list[str]) -> str:
    head, _, *rows = ([cell.strip() for cell in re.split(r"(?<!\\)\|", line)[1:-1]] for line in lines)
    return table_of([_inline(cell) for cell in head], ([_inline(cell) for cell in row] for row in rows))


def table_of(heads: Sequence[str], rows: Iterable[Iterable[str]], caption: str = "") -> str:
    """A table of HTML. Each cell has its heading as a label too, for screens on which it is a line of its own."""
    labels = [re.sub(r"<[^>]+>", "", head).replace('"', "&quot;") for head in heads]
    head = "".join(f'<th scope="col">{cell}</th>' for cell in heads)
    body = "".join(f"<tr>{''.join(map(_cell, labels, row))}</tr>" for row in rows)
    return f'<div class="table"><table>{caption}<thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div>'


def _cell(label: str, text: str) -> str:
    return f'<td data-label="{label}">{text}</td>'


def _inline(text: str) -> str:
    marked = escape(unescape(" ".join(text.replace("\\|", "|").split())), quote=False)
    marked = re.sub(r"\[([^\]]+)\]\(([^)\s]+)\)", r'<a href="\2">\1</a>', marked)
    # Code as it is; emphasis elsewhere.
    parts = re.split(r"`([^`]+)`", marked)
    parts[::2] = [re.sub(r"\*([^*]+)\*", r"<em>\1</em>", part) for part in parts[::2]]
    parts[1::2] = [f"<code>{part}</code>" for part in parts[1::2]]
    return "".join(parts)
