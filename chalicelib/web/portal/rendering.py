"""Pages from templates: what every page has, and how templates are read.

Everything is escaped, and a name that a template does not get is an error. The components' own templates ask for many
names that are left out, so they have an environment of their own.
"""

from __future__ import annotations

import gettext
from collections.abc import Callable, Iterable, Mapping, MutableMapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from jinja2 import (
    BaseLoader,
    Environment,
    FileSystemLoader,
    ModuleLoader,
    PackageLoader,
    PrefixLoader,
    StrictUndefined,
    Template,
)
from markupsafe import Markup

from chalicelib.formats.words.texts import Text, said
from chalicelib.web.portal import assets, moments
from chalicelib.web.portal.texts import marked

if TYPE_CHECKING:
    from enum import StrEnum

    from chalicelib.web.portal.statuses import Shown

CATALOGUES: Final = Path(__file__).with_name("catalogues")
"""Texts by language; English is what the templates themselves say."""
ENGLISH: Final = "en"
"""The language of every text in the source, for which nothing is looked up."""
SERVICE_NAME: Final = marked("Learning Records Service")
COMPONENTS: Final = "govuk_frontend_jinja"
TEMPLATES: Final = Path(__file__).with_name("templates")
COMPILED: Final = Path(__file__).with_name("compiled")
"""Where the package has every template compiled; there is no such folder elsewhere."""
_MACROS: Final = "macros/"
_NAMES: Final = "names.txt"
"""The names of our own templates, beside those that are compiled."""


@dataclass(frozen=True, slots=True)
class Person:
    """Who is signed in."""

    name: str
    organisation: str


@dataclass(frozen=True, slots=True)
class MenuEntry:
    """A tab of the menu, or an option of a tab."""

    text: str
    path: str
    is_here: bool = False
    """Whether the page that is shown belongs to it."""


@dataclass(frozen=True, slots=True)
class Menu:
    """Where a person can go from every page."""

    tabs: Sequence[MenuEntry] = ()
    options: Sequence[MenuEntry] = ()
    """Of the tab to which the page belongs."""


@dataclass(frozen=True, slots=True)
class Flash:
    """A message on the page after a change."""

    text: str
    is_success: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class TimeOut:
    """What a page says before the session ends by itself, and what its script needs for it."""

    at: datetime
    seconds: int
    """From when the page is sent."""
    warned_before: int
    """Seconds before the end."""
    can_go_on: bool
    """Whether another page puts off the end."""
    path: str
    """Where to go at the end: this page, which leads to sign-in and back."""
    parks: str = ""
    """The field that marks a form of this page as not submitted; empty where entries are not kept."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Chrome:
    """What every page has around its content."""

    nonce: str
    """Of the response: the security policy has the same."""
    path: str
    csrf_token: str = ""
    person: Person | None = None
    time_out: TimeOut | None = None
    menu: Menu = Menu()
    flash: Sequence[Flash] = ()
    phase: str = ""
    """Such as Beta; empty for none."""
    service_name: str = SERVICE_NAME
    language: str = ENGLISH
    layout: str = "layout.html.jinja"
    """The template of what every page has; error pages have another where the function does not answer."""

    @property
    def title(self) -> str:
        """The tab to which the page belongs; empty for none."""
        return next((tab.text for tab in self.menu.tabs if tab.is_here), "")


def render(template: str, context: Mapping[str, Any], *, chrome: Chrome) -> str:
    """The page of a template, such as ``errors/404.html.jinja``.

    Raises jinja2.UndefinedError for a name that the template needs and the context does not have.
    """
    templates = _packaged(chrome.language)
    return templates.get_template(template).render({"errors": (), "back": "", **context, "chrome": chrome})


def load(language: str = ENGLISH) -> None:
    """Load every template, for a snapshot."""
    templates = _packaged(language)
    for name in templates.list_templates():
        found = templates.get_template(name)
        if name.startswith(_MACROS):
            _ = found.module  # with the macros of other templates that it imports


@cache
def _packaged(language: str) -> Environment:
    return environment(language, COMPILED if COMPILED.is_dir() else None)


def environment(language: str = ENGLISH, compiled: Path | None = None) -> Environment:
    """How templates are read: from their sources, or from a folder to which they were compiled."""
    return _Templates(language, compiled)


def compile_templates(target: Path) -> None:
    """Compile into a folder, for :func:`environment`: our templates, and those of the components that they use."""
    templates = _Templates(ENGLISH, None)
    own = templates.list_templates()
    templates.compile_templates(target, zip=None, ignore_errors=False)
    used = _referenced(templates, own) - set(own)
    templates.components.compile_templates(target, zip=None, ignore_errors=False, filter_func=used.__contains__)
    target.joinpath(_NAMES).write_text("\n".join(own), encoding="utf-8")


def _referenced(templates: _Templates, names: Iterable[str]) -> set[str]:
    """These templates, and all that they need."""
    from jinja2 import meta  # noqa: PLC0415 - nothing is compiled in the cloud

    found: set[str] = set()
    left = list(names)
    while left:
        if (name := left.pop()) not in found:
            found.add(name)
            source = templates.home_of(name).get_source(templates, name)[0]
            left += [one for one in meta.find_referenced_templates(templates.parse(source)) if one]
    return found


def _status(status: StrEnum) -> Shown:
    from chalicelib.web.portal import statuses  # noqa: PLC0415 - they are of every family, and a first page has none

    return statuses.shown(status)


class _Compiled(ModuleLoader):
    """Templates that are compiled, with our own listed."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self._folder = folder

    def list_templates(self) -> list[str]:
        return self._folder.joinpath(_NAMES).read_text("utf-8").split("\n")


def _sources() -> tuple[BaseLoader, BaseLoader]:
    """Where our own templates are, and the components'."""
    return FileSystemLoader(TEMPLATES), PrefixLoader({COMPONENTS: PackageLoader(COMPONENTS)})


class _Templates(Environment):
    """Our own templates, strict; the components' come from an environment that is not."""

    def __init__(self, language: str, compiled: Path | None) -> None:
        own, components = _sources() if compiled is None else (_Compiled(compiled),) * 2
        self.own_loader, self.component_loader = own, components
        super().__init__(
            autoescape=True, undefined=StrictUndefined, loader=own, extensions=["jinja2.ext.i18n"], auto_reload=False
        )
        self.components = Environment(autoescape=True, loader=components, auto_reload=False)
        texts = gettext.translation("portal", CATALOGUES, [language], fallback=True)
        self.install_gettext_translations(texts, newstyle=True)  # type: ignore[attr-defined] # the extension's
        self._translate = texts.gettext
        self._is_english = language == ENGLISH
        self.globals |= {"asset": assets.address, "status": _status}
        filters: dict[str, Callable[..., Any]] = {
            "day": self._day,
            "moment": self._moment,
            "month": lambda day: moments.month_text(day, self._translate),
            "short_month": lambda day: moments.short_month_text(day, self._translate),
            "time": lambda moment: moments.time_text(moment, self._translate),
            "number": moments.number_text,
            "size": moments.size_text,
            "short": moments.short_text,
            "value": lambda value: moments.value_text(value, self._translate),
            "as_item": lambda error: error.as_item(self._translate),
            "as_row": lambda row: row.as_item(self._translate),
            "choices": lambda shown: shown.choices(self._translate),
            "translated": self._translated,
            "ours": self._ours,
        }
        self.filters |= filters
        self.components.globals = self.globals  # the same names, or its macros are made anew at each import

    def get_template(
        self,
        name: str | Template,
        parent: str | None = None,
        globals: MutableMapping[str, Any] | None = None,  # noqa: A002 - Jinja's name for it
    ) -> Template:
        if isinstance(name, str) and name.startswith(f"{COMPONENTS}/"):
            return self.components.get_template(name, parent, globals)
        return super().get_template(name, parent, globals)

    def home_of(self, name: str) -> BaseLoader:
        """Where a template is."""
        return self.component_loader if name.startswith(f"{COMPONENTS}/") else self.own_loader

    def _translated(self, text: str) -> str:
        """A text that the template knows to be ours."""
        return text if self._is_english or not text else Text.of(text).said(self._translate)

    def _ours(self, text: str) -> str:
        """A text of ours, or one that users entered, which stays as it is."""
        return text if self._is_english else said(text, self._translate)

    def _day(self, day: date) -> Markup:
        return moments.marked_day(day, self._translate)

    def _moment(self, moment: datetime) -> Markup:
        return moments.marked_moment(moment, self._translate)
