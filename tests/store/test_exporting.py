"""An export is for taking along: nothing in it opens a door."""

from gateway.store import accounts
from gateway.store.exporting import pages
from gateway.store.pool import Pool
from tests.kit.desk import NOON, document

PRIVATE = "private-1f9c"
FED = {
    "name": "Office",
    "feed": {"url": f"https://calendar.example/{PRIVATE}/basic.ics"},
}
POST = {
    "name": "lead",
    "post": f"https://crm.example/{PRIVATE}?key=abc",
    "fields": {"Name": "caller.name"},
    "secret": f"{PRIVATE}-0123456789",
}


async def test_no_version_of_a_document_tells_its_pins_secrets_and_private_addresses(
    pool: Pool,
) -> None:
    async with pool.acquire() as conn:
        for name in ("North", "South"):
            whole = document(name=name, schedules=[FED], deliveries=[POST])
            await accounts.put(conn, whole, "lead:L-7", NOON)
        found = [page async for page in pages(conn, "7001")]
    (versions,) = [page.lines for page in found if page.file == "documents"]
    assert [one["document"]["name"] for one in versions] == ["North", "South"]
    for one in versions:
        assert one["document"]["schedules"][0]["feed"]["url"] == "https://calendar.example/****"
        assert one["document"]["deliveries"][0]["post"] == "https://crm.example/****"
    assert PRIVATE not in str(found)
    assert "4711" not in str(found)
