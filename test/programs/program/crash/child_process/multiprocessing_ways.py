"""Every way in which multiprocessing starts children; the argument is its method."""

import concurrent.futures
import multiprocessing
import sys

from doer import Doer, deed, deeds, everywhere, no_children

from rebeam import run_register_process

context = multiprocessing.get_context(sys.argv[1])


def square(n):
    return n * n


def echo(pipe):
    pipe.send(pipe.recv())


def update(table):
    table["b"] = 2


def fill(queue, n):
    for each in range(n):
        queue.put((each, "x" * each))


@deed
def process():
    queue = context.Queue()
    child = context.Process(target=fill, args=(queue, 3))
    child.start()
    got = [queue.get(timeout=60) for _ in range(3)]
    child.join()
    return got, child.exitcode


@deed
def failing():
    child = context.Process(target=sys.exit, args=(7,))
    child.start()
    child.join()
    return child.exitcode


@deed
def pool():
    with context.Pool(2) as workers:
        return workers.map(square, range(5))


@deed
def pipe():
    here, there = context.Pipe()
    child = context.Process(target=echo, args=(there,))
    child.start()
    here.send({"a": [1]})
    got = here.recv()
    child.join()
    return got


@deed
def manager():
    with context.Manager() as made:
        table = made.dict(a=1)
        child = context.Process(target=update, args=(table,))
        child.start()
        child.join()
        return dict(table)


@deed
def futures():
    with concurrent.futures.ProcessPoolExecutor(2, mp_context=context) as executor:
        return list(executor.map(square, range(5)))


if __name__ == "__main__":
    run_register_process(Doer)
    for name in list(deeds):
        everywhere(name)
    multiprocessing.active_children()
    if sys.argv[1] == "forkserver":
        multiprocessing.forkserver._forkserver._stop()
    multiprocessing.resource_tracker._resource_tracker._stop()
    no_children()
