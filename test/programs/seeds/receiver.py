"""The receiver: a script with one actor. Its handlers need no self."""

from rebeam import GenPy, ProcessID, call, receive, response_error, response_ok, start, whereis

SEEN = []


class Receiver(GenPy):
    name = "receiver"

    @start()
    def start(self) -> ProcessID:
        print("receiver started")
        return ProcessID()

    @receive()
    def catch_all(**args):
        return response_ok(sorted(args))

    @receive("call_receive")
    def whatever(source: ProcessID, message: dict):
        who = "genpy name" if source == whereis("genpy name") else source
        print(f"receiver got {message} from {who}")
        return response_ok({"response": "response"})

    @receive("receive")
    def quiet():
        return response_ok({"response": "response"})

    @receive("refuse")
    def refuse():
        return response_error("no")

    @receive("tick")
    def tick(message):
        SEEN.append(message)

    @receive("ticks")
    def ticks():
        return SEEN[:3]
