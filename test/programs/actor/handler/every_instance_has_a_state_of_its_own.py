from rebeam import GenPy, call, receive, run_register_process


class Plain(GenPy):
    @receive("put")
    def put(self, message):
        self.state[message] = len(self.state)
        return self.state


class Own(Plain):
    def __init__(self, first):
        self.state["first"] = first


made = Own("here")
print(made.state, Own("x").state is made.state, type(made.state).__name__)
a, b, c = [run_register_process(each) for each in (Plain(), Plain, made)]
for each, key in ((a, "k"), (a, "l"), (b, "k"), (c, "k")):
    print(call(each, "put", key)[1])
