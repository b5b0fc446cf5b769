import datetime
import decimal

from baseline import counts, settled
from gen_call_actors import SERVER, Base, a

from rebeam import ProcessID, Status, call, gen_call, run_register_process, whereis


class Asker(Base):
    name = "asker"

    def body(self):
        node = ProcessID().node
        status, pid = gen_call(SERVER, a("from"))
        values = [
            None,
            True,
            1,
            2.5,
            "größe",
            b"\xff",
            a("ok"),
            ProcessID(),
            (a("error"), 5),
            [1, [2]],
            {"k": (1,), a("x"): {}},
            (),
            {1, 2},
            datetime.date(2024, 2, 29),
            decimal.Decimal("1.10"),
            ("ok", b"x"),
            2**70,
        ]
        same = [gen_call(SERVER, (a("echo"), value)) == (Status.OK, value) for value in values]
        shown = [
            gen_call(target, (a("show"), (a("ok"), "t", [1])))[1]
            for target in (SERVER, "plain_name", "ours", ("plain_name", node), whereis(SERVER))
        ]
        return pid == ProcessID(), same, shown


run_register_process(Asker)
before = counts()
for subject in ("run", "plain"):
    pid, same, shown = call("asker", subject)[1]
    print(pid, set(same), set(shown), len(same), len(shown))
print(call("asker", "extra")[1], settled(before))
print(gen_call(SERVER, (a("echo"), (a("ok"), 1))))
