"""`dispatchd run` as one that has long followed the clock: what it does not find is not there."""

import gateway.cli.run
import gateway.compose
from gateway.cli.app import main as dispatchd
from gateway.clock import SystemClock


class SettledClock(SystemClock):
    """Believes the very first time it reads; a real one waits whether it was just set ahead."""

    def doubtful(self) -> bool:
        """Have no doubt."""
        return False


def main() -> object:
    """Be `dispatchd` on such a clock."""
    gateway.compose.SystemClock = SettledClock
    gateway.cli.run.SystemClock = SettledClock
    return dispatchd()
