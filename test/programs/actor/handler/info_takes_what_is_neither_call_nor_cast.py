from rebeam import GenPy, call, info, receive, run_register_process, send


class Noted(GenPy):
    name = "noted"

    def __init__(self):
        self.seen = []

    @info()
    def note(self, message):
        self.seen.append(message)

    @receive("seen")
    def all(self):
        return self.seen


class Deaf(GenPy):
    name = "deaf"

    @receive("there")
    def there(self):
        return "yes"


pid = run_register_process(Noted)
run_register_process(Deaf)
print(send("noted", {"a": [1, 2.5, None, True]}), send(pid, (1, "two", b"three")))
print(send("deaf", "x"), send("nobody", 1))
print(call("noted", "seen")[1])
print(call("deaf", "there"))
