"""What URLs an operator may set; the parser's own words never leave, they may quote a password."""

from urllib.parse import parse_qs, urlsplit


def is_web_url(text: str) -> bool:
    """Tell whether it is an http(s) URL with a host and without query and fragment."""
    try:
        parts = urlsplit(text)
        _ = parts.port  # raises when it is none
    except ValueError:
        return False
    plain = not parts.query and not parts.fragment
    return parts.scheme in {"http", "https"} and bool(parts.hostname) and plain


def is_postgres_url(text: str) -> bool:
    """Tell whether it is a postgresql:// URL of which every part can be read."""
    try:
        parts = urlsplit(text)
        (parts.hostname or "").encode("idna")
        more = parse_qs(parts.query, strict_parsing=bool(parts.query))
        _ = parts.port, [urlsplit(f"//h:{port}").port for port in more.get("port", ())]
    except ValueError:
        return False
    # What stands behind a password with a bare / or # reads as path or fragment.
    cut_short = "@" in parts.path or parts.fragment
    return parts.scheme in {"postgres", "postgresql"} and "://" in text and not cut_short


def own_url(host: str, port: int) -> str:
    """Return the URL of the address we listen on; an IPv6 address stands in brackets."""
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"
