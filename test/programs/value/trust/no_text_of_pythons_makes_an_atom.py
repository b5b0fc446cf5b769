import enum

from rebeam import (
    Atom,
    GenPy,
    broadcast,
    call,
    cast,
    child,
    join,
    leave,
    receive,
    register,
    run_register_process,
    send_after,
    set_label,
    spawn,
    unregister,
    whereis,
)


class Sender(GenPy):
    def __init__(self, name):
        self.name = name

    @receive("send")
    def send(self, message):
        to, first, number = message
        for n in range(first, first + number):
            cast(to, *self.fresh(n))
        return number

    def fresh(self, n):
        text = f"{self.name} never seen {n}"
        kind = type(f"Class{n}_{self.name}", (Exception,), {"__module__": "__main__"})
        names = enum.Enum(f"Enum{n}_{self.name}", [f"NAME{n}_{self.name}"], module="__main__")
        for each in (kind, names):
            globals()[each.__name__] = each
        made = kind(text)
        made.__dict__[f"attribute{n}_{self.name}"] = text
        return text, {text: [text, kind, made, *names, {f"key {text}": text.encode()}, (text, n)]}

    @receive("others")
    def others(self, message):
        for n in range(message):
            text = f"{self.name} other {n}"
            whereis(text), register(text), unregister(text)
            join(text), broadcast(text, text), leave(text)
            cast((text, f"{text}@nowhere"), text), call(text, text), set_label(text)
            send_after(100, text, text)
            call("echo", text, [Atom(text)])
            spawn(lambda: self.fail(n))
        return message

    def fail(self, n):
        set_label(f"{self.name} fails {n}")
        raise type(f"Failure{n}_{self.name}", (Exception,), {})("text")


class Echo(GenPy):
    name = "echo"

    @receive()
    def any(self, subject, message):
        return subject, message


if __name__ == "__main__":
    run_register_process(Sender("main"))
    run_register_process(child(Sender("unit"), isolation="process"))
    run_register_process(Echo)
