defmodule Rebeam.Actor.ContextTest do
  # Context variables are kept per actor, and by no other.
  use ExUnit.Case, async: true

  alias Rebeam.Program

  @actors """
  import asyncio, contextvars, decimal
  from rebeam import *
  from baseline import counts, settled

  var = contextvars.ContextVar("var", default="unset")

  class Keeps(GenPy):
      def __init__(self, value=None):
          if value: var.set(value)
      @receive("set")
      def set(self, message):
          self.token = var.set(message)
      @receive("get")
      def get(self):
          return var.get()
      @receive("set async")
      async def set_async(self, message):
          await asyncio.sleep(0)
          var.set(message)
          async def child(): var.set("child's"); return var.get()
          return await asyncio.create_task(child()), var.get()
      @receive("get async")
      async def get_async(self):
          await asyncio.sleep(0)
          return var.get()
      @receive("reset")
      def reset(self):
          var.reset(self.token)
          return var.get()
      @receive("across")
      def across(self, message):
          with_value(message)
          return var.get()
      @receive("rest")
      def rest(self, message):
          sleep(message)

  def with_value(message):
      token = var.set(message)
      sleep(0.05)
      seen = [var.get()]
      call("other", "set", "other's")
      seen.append(var.get())
      sleep(0.01)
      seen.append(call("other", "get")[1])
      assert seen == [message, message, "other's"], seen

  """

  test "values stay with their actor, in every handler and across suspensions" do
    program = """
    var.set("main's")
    a, b = run_register_process(Keeps()), run_register_process(Keeps())
    run_register_process(Keeps(), name="other")
    print(call(a, "get")[1], call(b, "get async")[1])
    call(a, "set", 1)
    print(call(a, "get")[1], call(a, "get async")[1], call(b, "get")[1], var.get())
    print(call(b, "set async", 2)[1], call(b, "get")[1], call(b, "get async")[1], call(a, "get")[1])
    print(call(a, "across", 3)[1], call(a, "get async")[1], call(b, "get")[1])
    call(a, "set", 4)
    print(call(a, "reset")[1], call(a, "get async")[1])
    class Makes(Keeps):
        def __init__(self): var.set(5)
    print(call(run_register_process(Makes), "get")[1], call(run_register_process(Keeps(6)), "get")[1], var.get())

    class Asks(GenPy):
        @receive("go")
        def go(self, message):
            var.set(message)
            for _ in range(20):
                call("other", "get")
                sleep(0.001)
                assert var.get() == message
            return message
    asks = [run_register_process(Asks()) for _ in range(20)]
    class All(GenPy):
        @receive("go")
        async def go(self):
            return await asyncio.gather(*(call_async(each, "go", n) for n, each in enumerate(asks)))
    print([answer for _, answer in call(run_register_process(All()), "go", timeout=20)[1]] == list(range(20)))
    """

    assert Program.lines!(@actors <> program) == [
             "unset unset",
             "1 1 unset main's",
             "(\"child's\", 2) 2 2 1",
             "3 3 2",
             "3 3",
             # In the process, or where the instance was made.
             "5 unset 6",
             "True"
           ]
  end

  test "decimal contexts follow" do
    program = """
    class Precise(GenPy):
        @receive("set")
        def set(self, message):
            decimal.getcontext().prec = message
        @receive("third")
        def third(self):
            return str(decimal.Decimal(1) / 3)
        @receive("local")
        async def local(self, message):
            with decimal.localcontext() as context:
                context.prec = message
                await asyncio.sleep(0.02)
                inside = str(decimal.Decimal(1) / 3)
                sleep(0.02)
                assert str(decimal.Decimal(1) / 3) == inside
            return inside, str(decimal.Decimal(1) / 3)
        @receive("local plain")
        def plain(self, message):
            with decimal.localcontext(prec=message):
                sleep(0.02)
                return str(decimal.Decimal(1) / 3)

    actors = [run_register_process(Precise()) for _ in range(6)]
    for n, each in enumerate(actors):
        call(each, "set", n + 1)
    print(*(call(each, "third")[1] for each in actors))
    class All(GenPy):
        @receive("go")
        async def go(self, message):
            return [x for _, x in await asyncio.gather(*(call_async(each, message, n + 2) for n, each in enumerate(actors)))]
    all = run_register_process(All())
    for pair in call(all, "go", "local")[1]: print(*pair)
    print(*call(all, "go", "local plain")[1])
    """

    threes = for n <- 1..7, do: "0." <> String.duplicate("3", n)

    assert Program.lines!(@actors <> program) ==
             [Enum.join(Enum.take(threes, 6), " ")] ++
               (Enum.zip(Enum.drop(threes, 1), threes) |> Enum.map(fn {a, b} -> "#{a} #{b}" end)) ++
               [Enum.join(Enum.drop(threes, 1), " ")]
  end

  test "a Context is entered while the actor's code runs, and at no other time" do
    program = """
    import threading, time
    class Owner(GenPy):
        @receive("current")
        def current(self):
            return var.get(), len(contextvars.copy_context())
        @receive("blocked")
        def blocked(self, message):
            var.set(message)
            sorted([2, 1], key=lambda x: call("other", "rest", 0.01))
            return var.get(), list(x for x in [call("other", "get")[1]]), var.get()
        @receive("run")
        async def run(self):
            return contextvars.copy_context().run(lambda: (var.set("inner"), var.get())[1]), var.get()

    owner = run_register_process(Owner())
    run_register_process(Keeps(), name="other")
    print(call(owner, "current"))
    print(call(owner, "blocked", "b"))
    print(call(owner, "run"), call(owner, "blocked", "c")[0].value)
    """

    assert Program.lines!(@actors <> program) == [
             "(<Status.OK: 'ok'>, ('unset', 0))",
             "(<Status.OK: 'ok'>, ('b', ['unset'], 'b'))",
             "(<Status.OK: 'ok'>, ('inner', 'b')) ok"
           ]
  end
end
