"""Several numbers of ours serve a queue side by side: none of them is idle while somebody waits."""

from dataclasses import replace

from gateway.store.pool import Pool
from tests.kit.desk import document, northside
from tests.kit.house import rig
from tests.kit.street import roster, shift

NUMBERS = [f"+1500555{n:04}" for n in range(4)]
SETTINGS = {"twilio_from": ",".join(NUMBERS), "calls_per_second": 1}
MESSAGES = 12


async def test_four_numbers_call_four_times_as_many(database: str, pool: Pool) -> None:
    async with pool.acquire() as conn, rig(database, conn, settings=SETTINGS) as one:
        core = one.carrier.core
        core.options = replace(core.options, numbers=tuple(NUMBERS))
        for n in range(MESSAGES):
            people = northside(f"{7101 + n}")["contacts"]
            people["ann"]["phone"] = f"+1202556{n:04}"
            await one.shelf.load(document(f"{7101 + n}", contacts=people, **roster(shift("ann"))))
            await one.shelf.take(f"491{n:05}", f"{7101 + n}")
        await one.wind(seconds=2.1)
        assert len(one.dialed()) == MESSAGES
