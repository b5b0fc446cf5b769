from baseline import counts, settled

from rebeam import GenPy, call, receive, run_register_process


class Step(GenPy):
    def __init__(self, n):
        self.name = f"step-{n}"
        self.n = n

    @receive("down")
    def down(self):
        if self.n == 0:
            return ["bottom"]

        def key(_):
            # CPython cannot suspend below sorted().
            answers.append(call(f"step-{self.n - 1}", "down", timeout=60)[1])
            return 0

        answers = []
        sorted([1], key=key)
        return [self.n] + answers[0]


for n in range(201):
    run_register_process(Step(n))
before = counts()
print(call("step-200", "down", timeout=80)[1] == list(range(200, 0, -1)) + ["bottom"])
print(call("step-200", "down", timeout=80)[1] == list(range(200, 0, -1)) + ["bottom"])
print(settled(before))
