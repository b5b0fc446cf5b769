import socket
import threading

from waiting import wait_until

from rebeam import (
    GenStateMachine,
    Supervisor,
    call,
    child,
    enter,
    event,
    keep_state,
    next_state,
    postpone,
    repeat_state,
    run_register_process,
    stop,
    timeout,
)


class Connection(GenStateMachine):
    name = "connection"
    initial_state = "disconnected"
    states = ("disconnected", "connected")

    def __init__(self, port):
        self.port = port
        self.socket = None
        self.delay = 0.02
        self.delays = []

    @enter("disconnected")
    def plan(self):
        self.delays.append(self.delay)
        return keep_state(timeout=self.delay)

    @timeout(state="disconnected")
    def connect(self):
        try:
            self.socket = socket.create_connection(("127.0.0.1", self.port))
        except OSError:
            self.delay *= 2
            return repeat_state()
        self.delay = 0.02
        return next_state("connected")

    @event("request", state="disconnected")
    def wait(self):
        return postpone()

    @event("request", state="connected")
    def request(self, message):
        try:
            self.socket.sendall(message)
            answer = self.socket.recv(100)
        except ConnectionError:
            answer = b""
        if not answer:
            self.socket.close()
            return next_state("disconnected", postpone=True)
        return answer

    @event("delays")
    def tell(self, current):
        return [current, self.delays]

    @stop()
    def close(self):
        self.socket.close()


def serve(listener, answers):
    for answer in answers:
        client, _ = listener.accept()
        while answer > 0 and (data := client.recv(100)):
            client.sendall(data.upper())
            answer -= 1
        client.close()


def drive():
    listener = socket.socket()
    listener.bind(("127.0.0.1", 0))  # bound, and not yet listening: refused
    run_register_process(Connection(listener.getsockname()[1]))
    wait_until(lambda: len(call("connection", "delays")[1][1]) >= 3)
    listener.listen()
    threading.Thread(target=serve, args=(listener, [2, 1]), daemon=True).start()
    print(call("connection", "request", b"one"))
    state, delays = call("connection", "delays")[1]
    print(state, delays == [0.02 * 2**n for n in range(len(delays))])
    print(call("connection", "request", b"two"))
    print(call("connection", "request", b"three"))  # sent again, on a new connection
    state, after = call("connection", "delays")[1]
    print(state, after[len(delays) :])


Supervisor(modules=[child(drive, restart="transient", significant=True)])
