"""The Python side of the parity table: makes trees and changes them, as it is told."""

import re
import sys

from rebeam import *

WORDS = (
    "already_started",
    "already_present",
    "running",
    "restarting",
    "not_found",
    "max_children",
    "bad_combination",
)


class Worker(GenPy):
    def __init__(self, collector, id):
        self.collector = collector
        self.id = id

    @start()
    def boot(self):
        _, how = call(self.collector, "starting", self.id)
        if how == "slow":
            sleep(0.04)
        if how != "ok":
            raise RuntimeError("no start")

    @receive("crash")
    def crash(self):
        raise RuntimeError("on purpose")

    @receive("finish")
    def finish(self):
        sys.exit(0)

    @stop()
    def bye(self):
        sleep(call(self.collector, "stopping", self.id)[1] / 1000)


class Driver(GenPy):
    """For one run. `way`: its tree is "declared", or "added" to a tree that runs already."""

    def __init__(self, collector, way):
        self.collector, self.way = collector, way

    def item(self, each):
        if each["tree"]:
            return self.child(each, self.make(each["tree"]))
        return self.child(each, Worker(self.collector, each["id"]))

    def child(self, each, item):
        shutdown = each["shutdown"]
        return child(
            item,
            id=each["id"],
            restart=each["restart"],
            significant=each["significant"],
            shutdown=shutdown / 1000 if isinstance(shutdown, int) else shutdown,
        )

    def make(self, tree):
        limits = {"max_restarts": tree["intensity"], "max_seconds": tree["period"]}
        if tree["dynamic"]:
            return DynamicSupervisor(max_children=tree["max_children"], **limits)
        return Supervisor(
            [self.item(each) for each in tree["children"]],
            strategy=tree["strategy"],
            auto_shutdown=tree["auto_shutdown"],
            **limits,
        )

    @receive("tree")
    def tree(self, message):
        try:
            tree = child(self.make(message), restart="temporary")
            if self.way == "declared":
                self.sup = run_register_process(tree)
            else:
                self.sup = start_child("added", tree)
            return self.sup
        except ValueError as error:
            return "bad_combination" if "significant" in str(error) else str(error)
        except RuntimeError as error:
            path = re.findall(r"child (\S+) did not start: ", str(error))
            return ": ".join([*path, "failed"])

    @receive("start_child")
    def start_child(self, message):
        return said(lambda: start_child(self.sup, self.item(message)))

    @receive("terminate_child")
    def terminate_child(self, message):
        return said(lambda: terminate_child(self.sup, message))

    @receive("restart_child")
    def restart_child(self, message):
        return said(lambda: restart_child(self.sup, message))

    @receive("delete_child")
    def delete_child(self, message):
        return said(lambda: delete_child(self.sup, message))

    @receive("which_children")
    def which_children(self):
        return [f"{each.id} {each.kind} {each.state}" for each in which_children(self.sup)]

    @receive("count_children")
    def count_children(self):
        counts = count_children(self.sup)
        return [counts[key] for key in ("specs", "active", "supervisors", "workers")]


def said(function):
    try:
        function()
        return "ok"
    except (LookupError, RuntimeError, ValueError) as error:
        word = str(error).split(":")[0]
        if isinstance(error, ValueError) and "significant" in str(error):
            word = "bad_combination"
        return word if word in WORDS else "failed"


class Parity(GenPy):
    name = "parity"

    @receive("driver")
    def driver(self, message):
        return run_register_process(Driver(*message))


Supervisor([Parity(), DynamicSupervisor("added", max_restarts=1000)])
