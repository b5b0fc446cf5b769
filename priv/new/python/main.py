"""Counts, and starts the counter again when it fails. Run it with: rebeam main.py"""

from counter import Counter

from rebeam import Supervisor, ask, child

if __name__ == "__main__":
    with Supervisor([child(Counter, name="counter")]):
        for _ in range(3):
            print("the counter is at", ask("counter", "add", 1))
