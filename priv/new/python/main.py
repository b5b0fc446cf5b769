"""Counts, and starts the counter again when it fails. Run it with: rebeam main.py"""

from counter import Counter

from rebeam import Supervisor, call, child


def main():
    for _ in range(3):
        status, count = call("counter", "add", 1)
        print(f"{status}: the counter is at {count}")


if __name__ == "__main__":
    Supervisor([child(Counter, name="counter"), child(main, significant=True)])
