"""An actor and a function log; with an argument the program hands its log to the runtime."""

import logging
import sys

from rebeam import GenPy, LogHandler, Supervisor, call, child, receive

log = logging.getLogger("shop")


class Seller(GenPy):
    @receive("sell")
    def sell(self, message):
        log.warning("sold %s", message)
        log.debug("unseen")
        return 5

    @receive("fail")
    def fail(self, message):
        raise ValueError(message)


def main():
    call("seller", "sell", 'a "thing"\nof two lines')
    try:
        raise KeyError("missing")
    except KeyError:
        log.exception("wrong")
    log.critical("over")
    call("seller", "fail", "asked to")


if "handed" in sys.argv:
    logging.basicConfig(level=logging.INFO, handlers=[LogHandler()])
if "plain" in sys.argv:
    logging.basicConfig(level=logging.INFO)

if __name__ == "__main__":
    children = [child(Seller(), name="seller"), child(main, significant=True)]
    Supervisor(children, name="shop")
