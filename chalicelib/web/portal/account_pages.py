"""The home page, and one's own account: password, secret question, contact details (IDM-09)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, NamedTuple

from chalicelib.domain.access import Capability, Role, is_allowed
from chalicelib.domain.account_fields import WANTS_EMAILS
from chalicelib.domain.accounts import Account
from chalicelib.domain.failures import Failure
from chalicelib.domain.refusals import Refused
from chalicelib.web.portal import account_fields, batch_kinds, cookies, learner_fields, table
from chalicelib.web.portal.forms import Form
from chalicelib.web.portal.menu import pages_of
from chalicelib.web.portal.parts import Link, Row
from chalicelib.web.portal.roles import ROLE_NAMES, ROLE_WORDS, names_of
from chalicelib.web.portal.sign_in_pages import choose_password, choose_question
from chalicelib.web.portal.table import view
from chalicelib.web.portal.texts import marked as _
from chalicelib.web.portal.visits import Entered, Page, Result, SeeOther, Visit

_PASSWORD, _QUESTION, _CONTACT, _EMAILS = (
    f"{table.ACCOUNT}/{part}" for part in ("password", "secret-question", "contact-details", "emails")
)


class Card(NamedTuple):
    """A role on the home page, with the pages that it opens."""

    title: str
    meaning: str
    links: Sequence[Link] = ()


@view()
def show_home(visit: Visit) -> Result:
    """What this person's roles are for; right after sign-in, the page that this person wanted before."""
    wanted = cookies.way_back_for(visit.cookies, visit.person.kept.user_id)
    answered = [cookies.forgotten(cookies.WAY_BACK)] if cookies.WAY_BACK in visit.cookies else []
    if wanted and table.find("GET", wanted):
        return SeeOther(path=wanted, cookies=answered)
    cards = [Card(ROLE_NAMES[role], ROLE_WORDS[role], pages_of(role)) for role in Role if role in visit.person.roles]
    is_verifier = is_allowed(visit.person.capabilities, Capability.LEARNERS_VERIFY)
    quick_search = learner_fields.VERIFY.shown({}) if is_verifier else ()
    own_jobs = batch_kinds.own_jobs(visit)
    context = {"name": visit.person.name, "cards": cards, "quick_search": quick_search, "own_jobs": own_jobs}
    return Page(template="account/home.html.jinja", context=context, cookies=answered)


@view()
def show_account(visit: Visit) -> Page:
    """What the service holds about this person."""
    person, account = visit.person, _account(visit)
    details = account.details
    to_contact = (Link(_("Change"), _CONTACT, _("contact details")),)
    rows = [
        Row(_("User name"), person.user_name),
        Row(_("Name"), person.name),
        Row(_("Organisation"), person.organisation),
        Row(_("Roles"), names_of(person.roles) if person.roles else _("None")),
        Row(_("Email address"), details.email_address, to_contact),
        Row(_("Landline"), details.landline or _("None"), to_contact),
        Row(_("Mobile"), details.mobile or _("None"), to_contact),
        Row(
            _("Emails about your files"),
            _("Sent") if account.wants_notices else _("Not sent"),
            (Link(_("Change"), _EMAILS, _("emails about your files")),),
        ),
        Row(_("Password"), _("Not shown"), (Link(_("Change"), _PASSWORD, _("password")),)),
        Row(_("Secret question"), _("Not shown"), (Link(_("Change"), _QUESTION, _("secret question")),)),
    ]
    return Page(template="account/account.html.jinja", context={"rows": rows})


def _account(visit: Visit) -> Account:
    return visit.services.users.get(visit.caller, visit.person.kept.user_id)


@view()
def show_own_password(visit: Visit) -> Page:
    """Another password."""
    return _own_password(visit)


@view()
def submit_own_password(visit: Visit) -> Result:
    """Change it, go on with a new session, and end all others."""
    try:
        begun = choose_password(visit)
    except Refused as refused:
        return _own_password(visit, refused.failures)
    changed = [cookies.session(begun.cookie)]
    return SeeOther(path=table.ACCOUNT, message=_("Your password was changed."), session=begun.session, cookies=changed)


def _own_password(visit: Visit, failures: Sequence[Failure] = ()) -> Page:
    return _form(account_fields.OWN_PASSWORD, "password", visit.entered, failures)


@view()
def show_own_question(visit: Visit) -> Page:
    """Another secret question."""
    return _own_question(visit)


@view()
def submit_own_question(visit: Visit) -> Result:
    """Change it and its answer."""
    try:
        choose_question(visit)
    except Refused as refused:
        return _own_question(visit, refused.failures)
    return SeeOther(path=table.ACCOUNT, message=_("Your secret question was changed."))


def _own_question(visit: Visit, failures: Sequence[Failure] = ()) -> Page:
    return _form(account_fields.QUESTION, "secret-question", visit.entered, failures)


@view()
def show_own_contact(visit: Visit) -> Page:
    """Contact details, as they are."""
    entered = account_fields.CONTACT.filled(_account(visit).details._asdict())
    return _form(account_fields.CONTACT, "contact-details", entered)


@view()
def submit_own_contact(visit: Visit) -> Result:
    """Change them."""
    try:
        visit.services.users.update_own(visit.caller, visit.person, account_fields.CONTACT.texts(visit.entered))
    except Refused as refused:
        return _form(account_fields.CONTACT, "contact-details", visit.entered, refused.failures)
    return SeeOther(path=table.ACCOUNT, message=_("Your contact details were changed."))


@view()
def show_own_emails(visit: Visit) -> Page:
    """Whether emails about one's own files are sent."""
    chosen = "yes" if _account(visit).wants_notices else "no"
    return _form(account_fields.EMAILS, "emails", account_fields.EMAILS.filled({WANTS_EMAILS.name: chosen}))


@view()
def submit_own_emails(visit: Visit) -> Result:
    """Turn them on or off."""
    try:
        visit.services.users.choose_emails(visit.caller, visit.person, visit.text(WANTS_EMAILS.name))
    except Refused as refused:
        return _form(account_fields.EMAILS, "emails", visit.entered, refused.failures)
    return SeeOther(path=table.ACCOUNT, message=_("Your choice of emails was saved."))


def _form(form: Form, template: str, entered: Entered, failures: Sequence[Failure] = ()) -> Page:
    return form.page(f"account/{template}.html.jinja", entered, failures, back=table.ACCOUNT)


VIEWS: Final = (
    show_home,
    show_account,
    show_own_password,
    submit_own_password,
    show_own_question,
    submit_own_question,
    show_own_contact,
    submit_own_contact,
    show_own_emails,
    submit_own_emails,
)
