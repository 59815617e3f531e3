"""Which addresses may be asked for others: http and https, and nothing inside our own network.

The address is given by people who may not look into our network. Names are checked on the very
addresses that are connected to, so that one which changes its mind is of no use.
"""

import ipaddress
import socket

import aiohttp
from aiohttp.abc import AbstractResolver, ResolveResult
from typing_extensions import override


class NotPublicError(Exception):
    """An address that is not to be asked; words for people, without the address."""


class GlobalOnly(AbstractResolver):
    """Resolves names to global addresses only; NotPublicError when a name has any other."""

    def __init__(self) -> None:
        self._inner = aiohttp.ThreadedResolver()

    @override
    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        found = await self._inner.resolve(host, port, family)
        if not all(is_global(one["host"]) for one in found):
            raise NotPublicError("leads to an address that is not public")
        return found

    @override
    async def close(self) -> None:
        await self._inner.close()


def is_global(host: str, *, of_name: bool = False) -> bool:
    """Tell whether an address is global; what is no address at all is a name (`of_name`)."""
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return of_name
    mapped = getattr(address, "ipv4_mapped", None) or getattr(address, "sixtofour", None)
    inside = address.is_multicast or address.is_reserved or getattr(address, "is_site_local", False)
    return (mapped or address).is_global and not (inside and mapped is None)
