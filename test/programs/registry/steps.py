"""Does the steps that come as JSON, and prints what each came to: see parity_test.exs."""

import json
import sys

from rebeam import (
    DynamicSupervisor,
    GenPy,
    Registry,
    Supervisor,
    call,
    child,
    receive,
    run_register_process,
    start_child,
)

registry = Registry("parity", keys=sys.argv[1], partitions=int(sys.argv[2]))  # type: ignore[arg-type]


class Owner(GenPy):
    @receive("register")
    def register(self, message):
        try:
            registry.register(*message)
        except ValueError:
            return ["taken", registry.lookup(message[0])[0][0]]
        return "ok"

    @receive("unregister")
    def unregister(self, message):
        registry.unregister(message)
        return "ok"

    @receive("update")
    def update(self, message):
        key, amount = message
        try:
            return registry.update_value(key, lambda value: value + amount)
        except KeyError:
            return "error"

    @receive("end")
    def end(self):
        sys.exit()


def main():
    sup = run_register_process(DynamicSupervisor())
    placed = dict(isolation=sys.argv[3], restart="temporary")
    owners = {name: start_child(sup, child(Owner(), **placed)) for name in "abc"}
    names = {pid: name for name, pid in owners.items()}

    def shown(entries):
        return [[names[pid], value] for pid, value in entries]

    def step(verb, *args):
        if verb == "lookup":
            return shown(registry.lookup(*args))
        if verb == "match":
            key, pattern = args
            return shown(registry.match(key, _pattern(pattern)))
        if verb == "dispatch":
            seen = []
            registry.dispatch(args[0], lambda entries: seen.extend(shown(entries)))
            return sorted(seen, key=json.dumps)
        if verb == "keys":
            return sorted(registry.keys(owners[args[0]]))
        if verb == "count":
            return registry.count()
        name, *message = args
        answer = call(owners[name], verb, message[0] if len(message) == 1 else message)[1]
        if verb == "end":
            return "ended"
        return ["taken", names[answer[1]]] if type(answer) is list else answer

    for each in json.load(sys.stdin):
        print(json.dumps(step(*each)))


def _pattern(pattern):
    if isinstance(pattern, list):
        return [*map(_pattern, pattern)]
    return ... if pattern == "_" else pattern


if __name__ == "__main__":
    Supervisor([child(main, significant=True)])
