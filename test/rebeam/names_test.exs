defmodule Rebeam.NamesTest do
  # Local names: by `name=`, by child(name=...), by register.
  use ExUnit.Case, async: true

  alias Rebeam.Program

  test "an attribute `name` and child(name=...) register the process" do
    program = """
    from rebeam import *

    class Named(GenPy):
        def __init__(self, name=None):
            if name is not None:
                self.name = name
        @receive("who")
        def who(self):
            return [self_pid() == ProcessID(), getattr(self, "name", None)]

    class ByClass(Named):
        name = "by class"

    a = run_register_process(Named("by attribute"))
    b = run_register_process(child(Named(), name="by child"))
    c = run_register_process(ByClass)
    d = run_register_process(Named("attribute"), name="outer")
    e = run_register_process(Named(5))
    f = run_register_process(child(Named("inner"), name="größe 日本 \\u2028"))
    for name, pid in (("by attribute", a), ("by child", b), ("by class", c), ("outer", d),
                      ("größe 日本 \\u2028", f)):
        print(whereis(name) == pid, call(name, "who")[1])
    print(whereis("attribute"), whereis("inner"), call(e, "who")[1], registered() == sorted(registered()))
    print([each for each in registered()])
    """

    assert Program.lines!(program) == [
             "True [True, 'by attribute']",
             "True [True, None]",
             "True [True, 'by class']",
             "True [True, 'attribute']",
             "True [True, 'inner']",
             "None None [True, 5] True",
             "['by attribute', 'by child', 'by class', 'größe 日本 \\u2028', 'outer']"
           ]
  end

  test "register, whereis, unregister" do
    program = """
    from rebeam import *

    class Any(GenPy):
        @receive("register")
        def add(self, message):
            try:
                register(message)
                return "registered"
            except ValueError as error:
                return f"ValueError {error}"
        @receive("unregister")
        def drop(self, message):
            unregister(message)
        @receive("end")
        def end(self):
            import sys
            sys.exit(0)

    a = run_register_process(child(Any(), restart="temporary"))
    b = run_register_process(Any())
    print(whereis("x"), call(a, "register", "x")[1], whereis("x") == a)
    taken = call(b, "register", "x")[1]
    print(taken.startswith("ValueError"), "'x'" in taken or '"x"' in taken)
    call(b, "unregister", "x")
    print(whereis("x") == a)
    call(a, "register", "second")
    call(a, "unregister", "x")
    print(whereis("x"), whereis("second") == a, registered())
    print(call(b, "register", "x")[1], call("x", "register", "y")[1], whereis("y") == b)
    print(call(a, "end")[0])
    while a.alive() or whereis("second"):
        sleep(0.01)
    print(registered(), call("second", "end"))
    for wrong in ("", None, 5):
        try:
            whereis(wrong)
        except TypeError:
            print("TypeError")
    """

    assert Program.lines!(program) == [
             "None registered True",
             "True True",
             "True",
             "None True ['second']",
             "registered registered True",
             "down",
             "['x', 'y'] (<Status.DOWN: 'down'>, 'noproc')",
             "TypeError",
             "TypeError",
             "TypeError"
           ]
  end

  test "a restart registers the name again, a taken one is a start failure" do
    program = """
    from rebeam import *

    class Named(GenPy):
        def __init__(self, name):
            self.name = name
        @receive("who")
        def who(self):
            return self_pid()
        @receive("crash")
        def crash(self):
            raise ValueError("on purpose")

    first = run_register_process(Named("it"))
    print(call("it", "crash")[0])
    while call("it", "who")[0] is Status.DOWN:
        sleep(0.01)
    print(whereis("it") == first, call("it", "who")[1] == whereis("it"), first.alive())
    try:
        run_register_process(Named("it"))
    except RuntimeError as error:
        print("RuntimeError", "taken" in str(error), "<0." in str(error))
    print(call("it", "who")[1] == whereis("it"))
    """

    result = Program.run(program)
    assert result.status == 0

    assert String.split(result.out, "\n", trim: true) == [
             "down",
             "False True False",
             "RuntimeError True True",
             "True"
           ]
  end

  test "a name that goes from one process to another is never taken for the first one's" do
    lines =
      Program.lines!("""
      from rebeam import *

      class Holder(GenPy):
          def __init__(self, number):
              self.number = number
          @receive("take")
          def take(self):
              register("name")
          @receive("drop")
          def drop(self):
              unregister("name")
          @receive("who")
          def who(self):
              return self.number

      class Asker(GenPy):
          @receive("ask")
          def ask(self, message):
              wrong = []
              for turn in range(200):
                  number = turn % len(message)
                  call(message[number], "take")
                  seen = [call("name", "who")[1], call("name", "who")[1], cast("name", "who")]
                  call(message[number], "drop")
                  seen += [*call("name", "who"), cast("name", "who")]
                  if seen != [number, number, True, "down", "noproc", False]:
                      wrong.append((turn, seen))
              return wrong

      holders = [run_register_process(Holder(number)) for number in range(3)]
      print(*call(run_register_process(Asker), "ask", holders, timeout=60))
      """)

    assert lines == ["ok []"]
  end
end
