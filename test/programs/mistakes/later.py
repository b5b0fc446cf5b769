"""Actors that are made in the body, and get their supervisors later, or by way of a list."""

from rebeam import DynamicSupervisor, GenPy, Supervisor, ask, child, receive, start_child


class Counter(GenPy):
    def __init__(self, n=0):
        self.n = n

    @receive("add")
    def add(self, message):
        return self.n + message


several = [Counter(n) for n in range(3)]
later = Counter()
with Supervisor([child(each, name=f"counter {n}") for n, each in enumerate(several)]):
    print([ask(f"counter {n}", "add", 1) for n in range(3)])


def main():
    print(ask(start_child("later", later), "add", 1))


Supervisor([DynamicSupervisor("later"), child(main, significant=True)])
