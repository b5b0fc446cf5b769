from baseline import counts, settled
from gen_call_actors import SERVER, Base, a

from rebeam import call, gen_call, run_register_process


class Asker(Base):
    name = "asker"

    def body(self):
        return [
            gen_call("nobody", 1),
            gen_call("Elixir.No.Such.Module", 1),
            gen_call(("plain_name", "no@where"), 1),
            gen_call(SERVER, a("deep")),
            gen_call("plain_name", (a("stop"), a("normal"))),
            gen_call("ours", (a("stop"), (a("shutdown"), "why"))),
            gen_call("plain_name", 1),
        ]


run_register_process(Asker)
before = counts()
for status, reason in call("asker", "run")[1]:
    print(status, reason)
print(settled(before))
