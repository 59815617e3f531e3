"""The pages behind a survey's link: how was it (S1-24). Nothing of the job, no note, no photo."""

from html import escape
from typing import Final

from gateway.domain.wording import phrases
from gateway.web import secure_page

RATING: Final = "rating"
COMMENT: Final = "comment"
_WORDS: Final = ("Very bad", "Bad", "Fair", "Good", "Very good")


def question(business: str) -> str:
    """Ask for one to five, and for words if there are any."""
    name = escape(phrases.one_line(business)) or "Your appointment"
    choices = "".join(
        f'<p><label><input type="radio" name="{RATING}" value="{n}" required="required"/> '
        f"{n}: {words}</label></p>"
        for n, words in reversed([*enumerate(_WORDS, 1)])
    )
    return secure_page.page(
        "How did we do?",
        f"<h1>{name}</h1><p>How did we do?</p>"
        f'<form method="post">{choices}'
        f'<p><label>Anything else?<br/><textarea name="{COMMENT}" rows="4" cols="30" '
        'maxlength="2000"></textarea></label></p>'
        '<button type="submit">Send</button></form>',
    )


def thanks() -> str:
    """Say thank you; also to whoever answers twice."""
    return secure_page.page("Thank you", "<h1>Thank you</h1><p>Your answer has been noted.</p>")


def incomplete() -> str:
    """Ask for the answer again."""
    return secure_page.page(
        "How did we do?", "<h1>Please choose one</h1><p>Go back and choose from 1 to 5.</p>"
    )
