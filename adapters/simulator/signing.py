"""How the carrier signs a webhook and how often it repeats one (TWILIO.md section 3)."""

import base64
import hashlib
import hmac
from dataclasses import dataclass
from urllib.parse import parse_qsl, urldefrag

from adapters.simulator.forms import Pairs

MOST_RETRIES = 5
CLASSES = ("4xx", "5xx", "ct", "rt")


def sign(token: str, url: str, pairs: Pairs) -> str:
    """Give X-Twilio-Signature: base64 HMAC-SHA1 over the URL and the sorted form fields.

    Names go in byte order; of one name each distinct value once, sorted.
    """
    text = url + "".join(name + value for name, value in sorted(set(pairs)))
    digest = hmac.new(token.encode(), text.encode(), hashlib.sha1).digest()
    return base64.b64encode(digest).decode()


@dataclass(frozen=True, slots=True)
class Policy:
    """How often a webhook is repeated, and after which failures (ct, rt, 4xx, 5xx)."""

    retries: int = 1
    after: frozenset[str] = frozenset({"ct"})


def split_policy(url: str) -> tuple[str, Policy]:
    """Part a URL from its `#rc=..&rp=..` fragment, which is neither sent nor signed."""
    bare, fragment = urldefrag(url)
    words = dict(parse_qsl(fragment))
    retries = int(words["rc"]) if words.get("rc", "").isdecimal() else 1
    named = words.get("rp", "ct").split(",")
    after = CLASSES if "all" in named else named
    return bare, Policy(min(retries, MOST_RETRIES), frozenset(after))
