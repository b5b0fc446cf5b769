"""Many actors that have nothing to do."""

from rebeam import DynamicSupervisor, GenPy, Supervisor, receive, start_children

MANY = 100_000


class Idle(GenPy):
    @receive("nothing")
    def nothing(self):
        pass


def start_all():
    start_children("many", [Idle] * MANY)


Supervisor([DynamicSupervisor(name="many"), start_all])
