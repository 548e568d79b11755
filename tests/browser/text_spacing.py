"""What a page loses when somebody sets the text as wide as WCAG 1.4.12 says, on a screen 320 pixels wide.

The style is set as a script sets it, which the policy of the pages does not forbid.
"""

from __future__ import annotations

from playwright.sync_api import Page

NARROW = {"width": 320, "height": 640}

_SET = """() => {
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(`
        * { line-height: 1.5 !important; letter-spacing: 0.12em !important; word-spacing: 0.16em !important; }
        p { margin-bottom: 2em !important; }
    `);
    document.adoptedStyleSheets = [sheet];
}"""
_SHOW = """html => document.body.replaceWith(new DOMParser().parseFromString(html, "text/html").body)"""
_FIND = """() => {
    const found = [], texts = [], right = document.documentElement.clientWidth;
    const name = it => `${it.tagName}.${it.getAttribute("class") ?? ""}: ${it.textContent.trim().slice(0, 60)}`;
    const scrolls = it => ["auto", "scroll"].includes(getComputedStyle(it).overflowX);
    const isHidden = it => Boolean(it.closest(".govuk-visually-hidden, .govuk-skip-link"));
    if (document.documentElement.scrollWidth > right) {
        found.push(`the page is ${document.documentElement.scrollWidth} wide`);
    }
    for (const it of document.body.querySelectorAll("*")) {
        if (!it.checkVisibility() || isHidden(it) || it.closest("svg") || it.matches("input, textarea")) continue;
        const { overflowX, overflowY } = getComputedStyle(it);
        const isCut = (["hidden", "clip"].includes(overflowX) && it.scrollWidth > it.clientWidth + 1)
            || (["hidden", "clip"].includes(overflowY) && it.scrollHeight > it.clientHeight + 1);
        const isOver = it.matches("button, .govuk-button, .govuk-tag, select, summary, th, td")
            && (it.scrollWidth > it.clientWidth + 4 || it.scrollHeight > it.clientHeight + 4) && it.clientWidth > 0;
        if (isCut || isOver) found.push(`${isCut ? "cut" : "over"}: ${name(it)}`);
    }
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    while (walker.nextNode()) {
        const it = walker.currentNode.parentElement;
        if (!walker.currentNode.data.trim() || !it.checkVisibility() || isHidden(it)) continue;
        let around = it;
        while (around && !scrolls(around)) around = around.parentElement;
        const range = document.createRange();
        range.selectNodeContents(walker.currentNode);
        for (const { left, right: end, top, bottom, width } of range.getClientRects()) {
            if (width < 1) continue;
            const within = it.closest("svg")?.getBoundingClientRect();
            if (within ? end > within.right + 1 || left < within.left - 1 : !around && (end > right + 1 || left < -1)) {
                found.push(`beside: ${name(it)}`);
            }
            texts.push({ it, left, end, top, bottom, around });
        }
    }
    texts.sort((one, other) => one.top - other.top);
    texts.forEach((one, place) => {
        for (const other of texts.slice(place + 1)) {
            if (other.top > one.bottom - 6) break;
            const isOther = !one.it.contains(other.it) && !other.it.contains(one.it) && one.around === other.around;
            if (isOther && other.left < one.end - 3 && one.left < other.end - 3) {
                found.push(`${name(one.it)} over ${name(other.it)}`);
            }
        }
    });
    return [...new Set(found)];
}"""


def set_wide(page: Page) -> None:
    """Set the text of the page that is open, and of all that is shown in its place, as wide as the criterion says."""
    page.set_viewport_size(NARROW)  # type: ignore[arg-type]
    page.evaluate(_SET)


def show(page: Page, html: str) -> None:
    """Show another page in place of this one, without its script: that spares the most of a visit."""
    page.evaluate(_SHOW, html)


def cut_off(page: Page) -> list[str]:
    """What is cut off, lies beside the screen or over something else, and whether the page scrolls sideways."""
    found: list[str] = page.evaluate(_FIND)
    return found
