"""The two pages that people see: who are you, and may this device act for you."""

from collections.abc import Iterable, Mapping
from html import escape

from local.issuer.people import Person

_PAGE = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>{title}</title>
<meta name="viewport" content="width=device-width">
<style>
body {{ font: 16px/1.5 system-ui, sans-serif; max-width: 32rem; margin: 4rem auto }}
button, input {{ font: inherit; padding: .4rem .8rem; margin: .2rem 0 }}
button {{ display: block; width: 100%; text-align: left; cursor: pointer }}
small {{ color: #666 }}
</style></head><body><h1>{title}</h1>{body}
<p><small>Modelry's development issuer: these people are made up, there are no passwords, and it
answers on this machine only.</small></p></body></html>"""


def sign_in_page(people: Iterable[Person]) -> str:
    """One button for each person; it is posted back to the same address."""
    return _page("Sign in as", f'<form method="post">{_buttons(people)}</form>')


def device_page(people: Iterable[Person], user_code: str) -> str:
    """The code that the terminal shows, and who approves it."""
    return _page(
        "Sign a terminal in",
        '<form method="post"><p>The code that the terminal shows:<br>'
        f'<input name="user_code" value="{escape(user_code)}" required autocomplete="off"></p>'
        f"<p>Approve as</p>{_buttons(people)}"
        '<p><button name="deny" value="yes">Deny</button></p></form>',
    )


def note_page(title: str, text: str) -> str:
    """A page that says one thing."""
    return _page(title, f"<p>{escape(text)}</p>")


def error_page(error: Mapping[str, object]) -> str:
    """Why the request of a program that sent somebody here was refused."""
    text = error.get("error_description") or error.get("error") or "The request is not valid."
    return note_page("That did not work", str(text))


def _buttons(people: Iterable[Person]) -> str:
    return "".join(
        f'<button name="user" value="{escape(person.subject)}">{escape(person.subject)} '
        f"<small>{escape(', '.join(person.groups) or 'in no group')}</small></button>"
        for person in people
    )


def _page(title: str, body: str) -> str:
    return _PAGE.format(title=escape(title), body=body)
