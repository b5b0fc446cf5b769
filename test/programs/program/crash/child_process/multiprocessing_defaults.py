"""Pools as programs make them that say nothing of start methods, from a handler as from the body."""

import concurrent.futures
import multiprocessing

from rebeam import GenPy, call, receive, run_register_process


def double(number):
    return 2 * number


def pools():
    """What a pool of each kind makes of numbers, and how it starts its processes."""
    with multiprocessing.Pool(2) as pool:
        mapped = pool.map(double, [1, 2, 3])
    with concurrent.futures.ProcessPoolExecutor(2) as pool:
        return mapped, list(pool.map(double, [1, 2, 3])), multiprocessing.get_start_method()


class Pools(GenPy):
    @receive("pools")
    def pools(self):
        return pools()


if __name__ == "__main__":
    print(*pools())
    print(*call(run_register_process(Pools), "pools", timeout=60)[1])
