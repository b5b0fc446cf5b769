from lent import Holder

from rebeam import Supervisor, child

if __name__ == "__main__":
    Supervisor(
        [
            child(Holder(), name="holder", isolation="process"),
            child(Holder(), name="here"),
            child(Holder(), name="second", isolation="process"),
        ],
        max_restarts=100,
    )
