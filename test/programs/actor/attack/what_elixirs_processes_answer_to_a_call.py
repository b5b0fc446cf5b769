import threading

from attack_echo import Echo

from rebeam import GenPy, call, receive, run_register_process


class Asks(GenPy):
    @receive("ask")
    def ask(self, message):
        return call(message, "x", timeout=5)[0]


def from_a_thread():
    thread = threading.Thread(target=lambda: print(*call("echo", "echo", 2)))
    thread.start()
    thread.join()


run_register_process(Echo)
asks = run_register_process(Asks)
for name in ("standard_error_sup", "Elixir.Rebeam.Actor.Clients"):
    print(*call(asks, "ask", name))
    from_a_thread()
