from rebeam import DynamicSupervisor, GenPy, call, receive, run_register_process, send_after, sleep

run_register_process(DynamicSupervisor(name="holders", max_restarts=1_000_000))


class Gone:
    def __reduce__(self):
        return missing, ()


def missing():
    pass


class Receiver(GenPy):
    name = "receiver"

    @receive("take")
    def take(self, message):
        return "taken"

    @receive("forget")
    def forget(self):
        del globals()["missing"]

    @receive("give")
    def give(self):
        return kept


def main():
    global kept
    run_register_process(Receiver)
    kept = Gone()
    packed = call("receiver", "take", kept)
    print(*packed)
    timer = send_after(1.0, "receiver", "take", [kept])
    call("receiver", "forget")
    sleep(1.5)
    print(*call("receiver", "take", 1))


main()
