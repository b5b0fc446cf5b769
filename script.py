
from __main__ import Cache as GenPy
from rebeam import receive
class Script(GenPy[int]):
    def __init__(self):
        self.name = "script"
    @receive("get")
    def get(self):
        return "script"
