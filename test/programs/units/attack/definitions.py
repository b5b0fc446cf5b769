from rebeam import GenPy, Supervisor, call, child, receive, whereis

print("a")
print("b")
print(1, 2)
print("c")
q = 1


def ask(item):
    print(whereis("nobody"))
    return item


class Echo(GenPy):
    @receive("echo")
    def echo(self, message):
        return message, q


@ask
class Late:
    pass


@ask
def late():
    pass


def main():
    print(call("echo", "echo", 5)[1])


if __name__ == "__main__":
    Supervisor(
        [
            child(Echo(), name="echo"),
            child(main, isolation="shared", restart="transient", significant=True),
        ]
    )
