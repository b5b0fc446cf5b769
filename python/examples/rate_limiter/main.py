"""A token bucket: so many requests a second, and a reserve for bursts.

The limiter is one actor, so two clients never take the same token. Its tokens come back
by a timer, which lives and dies with it.
"""

import time

from rebeam import GenPy, Response, Supervisor, call, receive, response_error, response_ok
from rebeam import self_pid, send_interval, sleep, start


class Limiter(GenPy):
    """`rate` requests a second, bursts of up to `burst`."""

    def __init__(self, rate: int, burst: int) -> None:
        self.name = "limiter"
        self.rate, self.burst = rate, burst
        self.tokens = burst

    @start()
    def run(self) -> None:
        send_interval(1 / self.rate, self_pid(), "refill")

    @receive("refill")
    def refill(self) -> None:
        self.tokens = min(self.burst, self.tokens + 1)

    @receive("take")
    def take(self) -> Response:
        if self.tokens == 0:
            return response_error("too many requests")
        self.tokens -= 1
        return response_ok()


def fetch() -> None:
    """Waits until it may, as a well-behaved client does."""
    while not call("limiter", "take")[0]:
        sleep(0.005)


def client() -> None:
    burst = [str(call("limiter", "take")[0]) for _ in range(8)]
    print("a burst:", burst.count("ok"), "ok,", burst.count("error"), "refused")

    begin = time.monotonic()
    for _ in range(6):
        fetch()
    took = time.monotonic() - begin
    # 6 tokens at 10 a second, the first of which may come at once.
    print("6 requests in a row are held to the rate:", took > 0.4)


if __name__ == "__main__":
    with Supervisor([Limiter(rate=10, burst=5)]):
        client()
