"""What a program says of itself to its units when an actor comes to one of them from another node
(lib/rebeam/moves/program.ex)."""

from __future__ import annotations

from rebeam import _isolation
from rebeam._genpy import GenPy
from rebeam._marks import receive


class Describer(GenPy):
    """Of the main interpreter."""

    @receive("digest")
    def digest(self) -> str:
        """What the program is called by now."""
        return _isolation.digest_now()
