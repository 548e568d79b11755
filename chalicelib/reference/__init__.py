"""Lists used by the rules, and their loader.

Synonyms of given names, names in use and England's bank holidays are packaged, made from well-maintained public
packages by ``local/commands/make_reference.py`` (see the NOTICE beside them). Prohibited text and postcodes are the
operator's: the package only contains a small neutral sample of each, marked as a sample, so that an installation
without its own lists still shows how the rule works. ``bootstrap`` installs the operator's lists with :func:`install`
once per process.

A list is only read when it is first needed.
"""

from __future__ import annotations

from chalicelib.reference.lists import Lists, Sources, install, lists

__all__ = ["Lists", "Sources", "install", "lists"]
