"""A counter whose text is changed again and again: it knows of each change."""

from load_program import Counter

from rebeam import code_change, receive


class Reloaded(Counter):
    __version__ = 0

    def __init__(self):
        super().__init__()
        self.seen = []

    @code_change()
    def see(self, old_version):
        self.seen.append(old_version)

    @receive("seen")
    def all_seen(self):
        return self.seen, self.__version__
