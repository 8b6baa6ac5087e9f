"""My profile: what others see of me, my hours, and my further addresses with the codes that prove them."""

from dataclasses import dataclass

from flask import Blueprint, current_app, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from app import clock
from app.database import db, transaction
from app.domain.invalid import InvalidField
from app.domain.words import ContactKind
from app.notices import mail
from app.paging.channels.outcome import Accepted, Refused, RetryAfter
from app.people import contacts, profile, queries
from app.people.models import ContactMethod
from app.web.access import signed_in, viewer
from app.web.errors import NotFound
from app.web.form import problems_of, typed
from app.web.toast import toast

blueprint = Blueprint("profile", __name__, url_prefix="/me/profile")

_FIELDS = ("title", "skills", "quiet_from", "quiet_until", "sleep_from", "sleep_until")


@blueprint.get("")
@signed_in
def show() -> str:
    return _page()


@blueprint.post("")
@signed_in
def change() -> ResponseReturnValue:
    answers = typed(*_FIELDS)
    try:
        with transaction():
            me = viewer()
            profile.change_profile(
                me, title=answers["title"], skills=answers["skills"],
                quiet=(answers["quiet_from"], answers["quiet_until"]),
                sleep=(answers["sleep_from"], answers["sleep_until"]), by=me, at=clock.now(),
            )  # fmt: skip
    except InvalidField as invalid:
        return _page(answers, problems_of(invalid)), 422
    toast("Kept.")
    return redirect(url_for("profile.show"), 303)


@blueprint.post("/contacts")
@signed_in
def add_contact() -> ResponseReturnValue:
    """One more address or number. A code goes there at once, where mail or texts leave this installation."""
    try:
        with transaction():
            me = viewer()
            kind, address = request.form.get("kind", ""), request.form.get("address", "")
            row = contacts.add(me, kind, address, by=me, at=clock.now())
            code = _new_code(row)
    except InvalidField as invalid:
        return _page(problems=problems_of(invalid)), 422
    _send(code, otherwise=("Kept, not verified.", False))
    return redirect(url_for("profile.show", _anchor="contacts"), 303)


@blueprint.post("/contacts/<int:number>/code")
@signed_in
def send_code(number: int) -> ResponseReturnValue:
    try:
        with transaction():
            code = _new_code(_mine(number))
    except InvalidField as invalid:
        toast(invalid.errors[0][1], failed=True)
    else:
        _send(code, otherwise=("No code can be sent there yet.", True))
    return redirect(url_for("profile.show", _anchor="contacts"), 303)


@blueprint.post("/contacts/<int:number>/verification")
@signed_in
def verify(number: int) -> ResponseReturnValue:
    with transaction():
        me = viewer()
        right = contacts.verify(_mine(number), request.form.get("code", ""), by=me, at=clock.now())
    if right:
        toast("Verified.")
    else:
        toast("This is not the code, or it is over. Send another.", failed=True)
    return redirect(url_for("profile.show", _anchor="contacts"), 303)


@blueprint.post("/contacts/<int:number>/removal")
@signed_in
def remove_contact(number: int) -> ResponseReturnValue:
    with transaction():
        row = _mine(number)
        contacts.remove(row, by=viewer(), at=clock.now())
        address = row.address
    toast(f"{address} is removed.")
    return redirect(url_for("profile.show", _anchor="contacts"), 303)


def _mine(number: int) -> ContactMethod:
    row = db.session.get(ContactMethod, number)
    if row is None or row.user_id != viewer().id:
        raise NotFound
    return row


@dataclass(frozen=True)
class _Code:
    """A code that has been made: a mail is queued already, `text_to` is a number it still has to go to."""

    words: str
    text_to: str | None = None


def _new_code(row: ContactMethod) -> _Code | None:
    """A code for this address; None where nothing can go there from this installation."""
    if not (mail.works() if row.kind is ContactKind.EMAIL else queries.telephone_leaves()):
        return None
    code = contacts.new_code(row, at=clock.now())
    words = f"{code} is your code. It is good for 15 minutes."
    if row.kind is ContactKind.PHONE:
        return _Code(words, text_to=row.address)
    letter = f"{words}\n\nWhoever did not ask for it may forget this mail."
    mail.queue_mail(row.address, f"{code} is your code", letter, at=clock.now(), user=row.user)
    return _Code(words)


def _send(code: _Code | None, *, otherwise: tuple[str, bool]) -> None:
    """Say what became of a code. A text goes now, outside the transaction, so that its faults are heard of."""
    if code is None:
        return toast(otherwise[0], failed=otherwise[1])
    from app.paging.channels.twilio import Twilio  # read here: an HTTP client comes with it

    provider = Twilio.from_settings(current_app.config["settings"])
    if code.text_to is None or provider is None:
        return toast("A code is on its way there.")
    outcome = provider.text(code.text_to, code.words)
    provider.close()
    match outcome:
        case Accepted():
            return toast("A code is on its way there.")
        case RetryAfter(_, reason) | Refused(reason):
            return toast(f"No code went out: {reason}", failed=True)
        case _:
            return toast("No code went out.", failed=True)


def _page(answers: dict[str, str] | None = None, problems: dict[str, str] | None = None) -> str:
    me = viewer()
    quiet, sleep = me.quiet_hours or {}, me.sleep_hours or {}
    kept = {
        "title": me.title, "skills": ", ".join(me.skills),
        "quiet_from": quiet.get("from", ""), "quiet_until": quiet.get("until", ""),
        "sleep_from": sleep.get("from", ""), "sleep_until": sleep.get("until", ""),
    }  # fmt: skip
    return render_template(
        "me/profile.html",
        answers=answers or kept,
        problems=problems or {},
        contacts=me.contacts,
        kinds=[(ContactKind.EMAIL, "E-mail address"), (ContactKind.PHONE, "Phone number")],
        typed=typed("kind", "address"),
        mail_works=mail.works(),
        texts_work=queries.telephone_leaves(),
    )
