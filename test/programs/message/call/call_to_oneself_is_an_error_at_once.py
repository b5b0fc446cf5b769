from baseline import counts, settled

from rebeam import GenPy, ProcessID, call, cast, receive, run_register_process, self_pid


class Self(GenPy):
    name = "self"

    @receive("by name")
    def by_name(self):
        return self.attempt("self")

    @receive("by id")
    def by_id(self):
        return self.attempt(ProcessID())

    @receive("plain")
    def plain(self):
        return list(map(self.attempt, ["self", self_pid()]))

    @receive("cast")
    def cast_is_fine(self):
        return cast("self", "never mind")

    @receive("never mind")
    def never_mind(self):
        pass

    def attempt(self, target):
        try:
            return call(target, "by name", timeout=None)
        except RuntimeError as error:
            return f"RuntimeError {error}"


it = run_register_process(Self)
before = counts()
for subject in ("by name", "by id", "plain", "cast"):
    print(call(it, subject)[1])
print(settled(before))
