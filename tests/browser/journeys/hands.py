"""The hands of a person: one that points and clicks, and one that has a keyboard and nothing else."""

from __future__ import annotations

from collections.abc import Mapping

from playwright.sync_api import Locator, Page, expect


class Mouse:
    """Does everything with clicks."""

    def __init__(self, page: Page) -> None:
        self.page = page

    @property
    def heading(self) -> Locator:
        """The title of the page that is open."""
        return self.page.get_by_role("heading", level=1)

    def enter(self, values: Mapping[str, str]) -> None:
        for where, text in values.items():
            self.page.locator(where).fill(text)

    def choose(self, where: str) -> None:
        self.page.locator(where).check()

    def select_first(self, where: str) -> None:
        """The first entry of a list that begins with nothing chosen."""
        self.page.locator(where).select_option(index=1)

    def select(self, where: str, words: str) -> None:
        """The entry of a list with this label or value; of a label the first letters are typed."""
        self.page.locator(where).select_option(words)

    def press(self, one: Locator) -> None:
        one.click()

    def follow(self, name: str) -> None:
        """The first link whose name has these words, wherever it is."""
        self.press(self.page.get_by_role("link", name=name).first)

    def upload(self, where: str, name: str, content: bytes) -> None:
        """Choose a file."""
        one = self.page.locator(where)
        with self.page.expect_file_chooser() as chooser:
            self.open_files(one)
        file = {"name": name, "mimeType": "text/csv", "buffer": content}
        chooser.value.set_files([file])  # type: ignore[list-item] # a mapping of literals

    def open_files(self, one: Locator) -> None:
        one.click()

    def submit(self, name: str) -> None:
        self.press(self.page.get_by_role("main").get_by_role("button", name=name, exact=True))

    def see(self, title: str) -> None:
        """Arrive at a page."""
        expect(self.heading).to_have_text(title)


class Keyboard(Mouse):
    """Does everything with the keyboard: what Tab does not reach cannot be used."""

    def enter(self, values: Mapping[str, str]) -> None:
        for where, text in values.items():
            self._reach(self.page.locator(where))
            self.page.keyboard.press("ControlOrMeta+A")
            self.page.keyboard.insert_text(text)

    def choose(self, where: str) -> None:
        self._reach(self.page.locator(where))
        self.page.keyboard.press("Space")

    def select_first(self, where: str) -> None:
        self._reach(self.page.locator(where))
        self.page.keyboard.press("ArrowDown")

    def select(self, where: str, words: str) -> None:
        self._reach(self.page.locator(where))
        self.page.keyboard.type(words)

    def press(self, one: Locator) -> None:
        self._reach(one)
        self.page.keyboard.press("Enter")

    def open_files(self, one: Locator) -> None:
        self._reach(one)
        self.page.keyboard.press("Space")

    def _reach(self, one: Locator) -> None:
        """Come to it with Tab from what is before it, which takes as many presses as there are places on the page."""
        one.focus()
        self.page.keyboard.press("Shift+Tab")
        self.page.keyboard.press("Tab")
        assert one.evaluate("there => there === document.activeElement"), f"Tab does not reach {one}"
