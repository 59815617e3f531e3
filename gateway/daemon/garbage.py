"""Garbage: rings of dead objects are looked for seldom, and not among what lives as long as we do.

Nearly all that a dispatch makes dies by itself. With the interpreter's defaults the search for
rings took a fifth of the engine's time, and one search through all compiled accounts a sixth of a
second in which nobody was called.
"""

import gc
from typing import Final

# So many more objects than died are made before the young ones are searched; so many searches of
# one generation before the next older one is.
_YOUNG: Final = 50_000
_MIDDLE: Final = 20
_OLD: Final = 10


def search_seldom() -> None:
    """Set the collector of this process; what is there now is never searched again.

    To be called once, when a process that lives for long has all its parts.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(_YOUNG, _MIDDLE, _OLD)
