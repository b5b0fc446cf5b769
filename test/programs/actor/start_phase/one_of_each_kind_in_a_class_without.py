from rebeam import GenPy, start


def refused(*lines):
    source = "".join(f"    {line}\n    def method{n}(self): pass\n" for n, line in enumerate(lines))
    try:
        exec("class X(GenPy):\n" + source, dict(globals()))
        print("fine")
    except TypeError as error:
        print(error)


refused("@start(continues=True)", "@start(continues=True)")
refused("@start()", "@start()")
refused("@start()", "@start(continues=True)")
try:

    class Y(GenPy):
        @start(continues=True)
        def rest(self, message):
            pass
except TypeError as error:
    print(error)
