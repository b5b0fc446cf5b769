"""With --watch: a module is loaded again once its file has changed, and not while that is wrong."""

import edited
from edited import source, write
from waiting import wait_until

from rebeam import Supervisor, ask, child

TEXT = """
    from rebeam import GenPy, receive
    class Counter(GenPy):
        name = "counter"
        @receive("which")
        def which(self): return "one"
    """


def main():
    m = edited.module(TEXT, "watched_module")
    text = source(m)
    with Supervisor([child(m.Counter())]):
        for word in ("two", "three"):
            write(m.__name__, text.replace('"one"', f'"{word}"'))
            wait_until(lambda word=word: ask("counter", "which") == word)
            print(word)
        write(m.__name__, text.replace("return", "retrun"))
        print(input(), ask("counter", "which"))
        write(m.__name__, text)
        wait_until(lambda: ask("counter", "which") == "one")


if __name__ == "__main__":
    main()
