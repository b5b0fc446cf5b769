import concurrent.futures
import multiprocessing
import os
import pty
import subprocess

from doer import Doer, deed, deeds, everywhere, no_children

from rebeam import run_register_process

run_register_process(Doer)

refused = []


def attempt(function):
    try:
        function()
    except RuntimeError as error:
        text = str(error)
        return "fork would copy the Erlang VM" in text and "'spawn'" in text
    return "not refused"


@deed
def fork():
    return attempt(os.fork)


@deed
def forkpty():
    return attempt(os.forkpty)


@deed
def pty_fork():
    return attempt(pty.fork)


@deed
def pty_spawn():
    return attempt(lambda: pty.spawn(["true"]))


@deed
def process():
    return attempt(multiprocessing.get_context("fork").Process(target=print).start)


@deed
def pool():
    return attempt(lambda: multiprocessing.get_context("fork").Pool(2))


@deed
def futures():
    def submit():
        with concurrent.futures.ProcessPoolExecutor(
            1, mp_context=multiprocessing.get_context("fork")
        ) as executor:
            executor.submit(abs, 1).result(10)

    return attempt(submit)


@deed
def hook():
    return attempt(lambda: subprocess.run(["true"], preexec_fn=lambda: None)) in (
        True,
        "not refused",
    )


for name in list(deeds):
    everywhere(name)
no_children()
