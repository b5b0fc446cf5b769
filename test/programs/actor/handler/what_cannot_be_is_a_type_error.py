from rebeam import GenPy, info, receive, start, stop


def refused(body, names):
    source = "class Wrong(GenPy):\n" + "".join(f"    {line}\n" for line in body)
    try:
        exec(source, dict(globals()))
    except TypeError as error:
        print("TypeError", [name in str(error) for name in names])
    else:
        print("not refused")


refused(
    ['@receive("x")', "def first(self): pass", '@receive("x")', "def second(self): pass"],
    ["first", "second", "'x'"],
)
refused(
    ["@receive()", "def first(self): pass", "@receive()", "def second(self): pass"],
    ["first", "second", "@receive()"],
)
refused(
    ["@start()", "def first(self): pass", "@start()", "def second(self): pass"],
    ["first", "second", "@start()"],
)
refused(
    ["@info()", "def first(self): pass", "@info()", "def second(self): pass"],
    ["first", "second", "@info()"],
)
refused(
    ["@stop()", "def first(self): pass", "@stop()", "def second(self): pass"],
    ["first", "second", "@stop()"],
)
refused(['@receive("x")', "def it(self, mesage): pass"], ["it", "'mesage'", "message"])
refused(["@start()", "def it(self, message): pass"], ["it", "'message'"])
refused(["@stop()", "def it(self, source): pass"], ["it", "'source'", "reason"])
refused(['@receive("x")', "def it(self, message, /): pass"], ["it", "positional-only"])
refused(["@receive", "def it(self): pass"], ["@receive()"])
refused(["@receive(5)", "def it(self): pass"], ["5"])
