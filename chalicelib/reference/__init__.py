"""Lists that the rules look things up in, and their loader.

Synonyms of given names, established names and England's bank holidays are packaged, made from well-kept public
packages by ``local/commands/make_reference.py`` (see the NOTICE beside them). Prohibited text and postcodes are the
operator's: the package ships only a small neutral sample of each, marked as a sample, so that an installation without
its own lists still shows the rule at work. ``bootstrap`` installs the operator's lists with :func:`install` once per
process.

Nothing is read before it is first needed.
"""

from __future__ import annotations

from chalicelib.reference.lists import Lists, Sources, install, lists

__all__ = ["Lists", "Sources", "install", "lists"]
