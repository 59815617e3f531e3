"""Commands as a reader types them, and the process that daemons are forked from."""

from tests.cli.conftest import dispatchd, quiet
from tests.processes.conftest import nursery

__all__ = ["dispatchd", "nursery", "quiet"]
