"""A bank: accounts are actors, and a transfer moves money between two of them.

An account never goes below zero, and money is neither made nor lost, however many
transfers run at once: each account handles one message at a time. A transfer that
cannot be paid in is paid back.
"""

from rebeam import CallError, GenPy, Response, Supervisor, ask, async_, await_, receive
from rebeam import response_error

NAMES = ["ann", "ben", "cleo", "dan"]


class Account(GenPy):
    def __init__(self, owner: str, balance: int) -> None:
        self.name = owner
        self.balance = balance
        self.open = True

    @receive("deposit")
    def deposit(self, message: int) -> int | Response:
        if not self.open:
            return response_error("closed")
        self.balance += message
        return self.balance

    @receive("withdraw")
    def withdraw(self, message: int) -> int | Response:
        if message > self.balance:
            return response_error("insufficient funds")
        self.balance -= message
        return self.balance

    @receive("close")
    def close(self) -> None:
        self.open = False

    @receive("balance")
    def show(self) -> int:
        return self.balance


def transfer(source: str, target: str, amount: int) -> bool:
    """True if the money moved."""
    try:
        ask(source, "withdraw", amount)
    except CallError:
        return False
    try:
        ask(target, "deposit", amount)
    except CallError:
        ask(source, "deposit", amount)
        return False
    return True


def balances() -> dict[str, int]:
    return {name: ask(name, "balance") for name in NAMES}


def day() -> None:
    # 300 transfers, all at the same time.
    tasks = [async_(transfer, NAMES[n % 4], NAMES[(n * 7 + 1) % 4], n % 13) for n in range(300)]
    moved = sum(await_(task) for task in tasks)
    after = balances()
    print(f"{moved} of {len(tasks)} transfers moved money")
    print("total:", sum(after.values()), "lowest is negative:", min(after.values()) < 0)

    # Cleo's account takes no more deposits: what was withdrawn comes back.
    ask("cleo", "close")
    ask("ann", "deposit", 50)
    before = balances()
    print("to a closed account:", transfer("ann", "cleo", 50), balances() == before)
    print("without the money:", transfer("ben", "dan", 10_000))


if __name__ == "__main__":
    with Supervisor([Account(name, 100) for name in NAMES]):
        day()
