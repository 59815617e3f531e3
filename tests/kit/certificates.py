"""Certificates that tests make for themselves, signed by nobody else."""

import subprocess
from pathlib import Path

from tests.kit.tools import program


def certify(home: Path) -> None:
    """Write a key (`key.pem`) for 127.0.0.1 and its certificate (`cert.pem`) into a folder."""
    openssl = program("openssl", "openssl, which makes a server's key, is not installed")
    asked = "req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=test -addext"
    subprocess.run(  # noqa: S603 - our own words
        [
            openssl,
            *asked.split(),
            "subjectAltName=IP:127.0.0.1",
            "-keyout",
            home / "key.pem",
            "-out",
            home / "cert.pem",
        ],
        check=True,
        capture_output=True,
    )
