"""What timers do beside the daemon is shown by it, so that somebody hears when it is not done."""

from datetime import timedelta

from prometheus_client import CollectorRegistry

from gateway.chance import SeededChance
from gateway.clock import VirtualClock
from gateway.daemon.watch import Watch
from gateway.metrics import build_metrics
from gateway.store import chores
from gateway.store.chores import Chore
from gateway.store.pool import Pool
from tests.kit.desk import NOON, later

PHONE, SHOWN = "+12025550177", "+1******0177"
DAY, HOUR = timedelta(days=1), timedelta(hours=1)


def value(registry: CollectorRegistry, name: str, **labels: str) -> float | None:
    return registry.get_sample_value(f"dispatchd_{name}", labels)


async def test_backups_and_probes_are_shown_as_they_went_last(pool: Pool) -> None:
    metrics = build_metrics()
    watch = Watch(pool, VirtualClock(NOON), metrics, SeededChance(7))
    night = NOON.timestamp()
    async with pool.acquire() as conn:
        for well, at in ((True, NOON), (False, NOON + DAY)):
            await chores.note(conn, Chore("backup", "db1", at, well, None, 60.0, None))
        await chores.expect(conn, "probe_text", PHONE, HOUR, NOON)
        await chores.expect(conn, "probe_call", PHONE, HOUR, NOON)
        done = Chore(
            "probe_call", PHONE, later(minutes=5), well=True, well_at=None, seconds=2.5, every=None
        )
        await chores.note(conn, done)
    await watch.look()

    shown = metrics.registry
    assert value(shown, "backup_success", host="db1") == 0
    assert value(shown, "backup_good_at_seconds", host="db1") == night
    text, call = ({"channel": one, "phone": SHOWN} for one in ("text", "call"))
    assert value(shown, "probe_success", **call) == 1
    assert value(shown, "probe_seconds", **call) == 2.5
    assert value(shown, "probe_at_seconds", **call) == night + 300
    assert value(shown, "probe_every_seconds", **call) == 3600
    # Never made, so that its silence is seen, and neither good nor bad.
    assert value(shown, "probe_at_seconds", **text) == night
    assert value(shown, "probe_success", **text) is None

    async with pool.acquire() as conn:
        assert await chores.forget(conn, PHONE) == 2
    await watch.look()
    assert value(shown, "probe_at_seconds", **text) is None
    assert value(shown, "backup_success", host="db1") == 0
