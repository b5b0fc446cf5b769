from baseline import counts, settled
from waiting import wait_until

from rebeam import GenPy, call, receive, run_register_process


class Holder(GenPy):
    made = 0

    def __init__(self, items, *, table, name):
        Holder.made += 1
        self.number = Holder.made
        self.items = items
        self.table = table
        self.name = name

    @receive("get")
    def get(self):
        return [self.number, self.items, self.table, sorted(self.state)]

    @receive("change")
    def change(self):
        self.items.append("from inside")
        self.table["x"]["y"] = "from inside"
        self.state["k"] = 1

    @receive("crash")
    def crash(self):
        raise ValueError("on purpose")


items, table = [1, [2]], {"x": {}}
holder = Holder(items, table=table, name="holder")
# After it was made: the restart does not see these.
items[1].append("from outside")
table["z"] = 1
run_register_process(holder)
before = counts()
print(call("holder", "get")[1])
for _ in range(2):
    call("holder", "change")
    print(call("holder", "get")[1])
    print(call("holder", "crash")[0])
    wait_until(lambda: call("holder", "get")[0])
    print(call("holder", "get")[1])
print(settled(before))
