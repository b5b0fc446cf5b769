defmodule Rebeam.Python.TestingTest do
  # `rebeam.testing`: a user's tests, run by pytest and unittest inside the runtime.
  use ExUnit.Case, async: true

  alias Rebeam.{Environment, Program}

  @shop """
  from rebeam import *

  ended = []

  class Counter(GenPy):
      def __init__(self, first=0):
          self.n = first

      @receive("add")
      def add(self, message):
          if message < 0:
              raise ValueError("negative")
          self.n += message
          return response_ok(self.n)

      @receive("slow")
      def slow(self):
          sleep(30)

      @receive("buy")
      def buy(self, message):
          status, price = call("prices", "price", message)
          if not status:
              return response_error(price)
          cast("audit", "bought", (message, price))
          return price * self.n

      @stop()
      def end(self):
          ended.append(self.n)
  """

  @conftest """
  pytest_plugins = ["rebeam.testing"]
  import pytest
  from rebeam.testing import supervised
  from shop import Counter

  @pytest.fixture
  def counter(start_supervised):
      return start_supervised(Counter(10), name="counter")

  @pytest.fixture(scope="module")
  def both():
      with supervised(Counter(1), Counter(2)) as pids:
          yield pids
  """

  @head """
  import pytest
  from rebeam import *
  from rebeam.testing import *
  import shop
  from shop import Counter

  """

  setup_all do: %{python: Environment.python()}

  # pytest over one file of tests, in a project.
  defp pytest(tests, python, options \\ []) do
    files = %{"shop.py" => @shop, "conftest.py" => @conftest, "test_shop.py" => @head <> tests}
    folder = Program.folder(Map.merge(files, Map.new(options[:files] || %{})))

    Program.run(
      {:module, "pytest"},
      [
        cd: options[:cd] || folder,
        args: ["-p", "no:cacheprovider", "--color=no" | options[:args] || []],
        options: ["--python", python],
        env: [{"PYTHONDONTWRITEBYTECODE", "1"} | options[:env] || []]
      ] ++ Keyword.take(options, [:via])
    )
  end

  defp assert_passed(result, count) do
    assert result.status == 0, result.out <> result.err
    assert result.out =~ ~r/^=+ #{count} passed in /m
    refute result.out =~ "warning"
    assert result.err == ""
  end

  test "starts actors for one test, and ends them with it, the newest first", %{python: python} do
    """
    def test_call(counter):
        assert call("counter", "add", 5) == (Status.OK, 15)

    def test_fresh(counter):
        assert shop.ended == [15]
        assert call(counter, "add", 5) == ("ok", 15)

    def test_gone():
        assert whereis("counter") is None

    def test_order(counter):
        shop.ended.clear()
        for first in (1, 2, 3):
            start_supervised(Counter(first))

    def test_ended():
        assert shop.ended == [3, 2, 1, 10]

    def test_stop(counter):
        shop.ended.clear()
        assert stop_supervised(counter) and shop.ended == [10]
        assert not counter.alive() and not stop_supervised(counter)

    def test_wide(both):
        assert [call(pid, "add", 1)[1] for pid in both] == [2, 3]

    def test_wide_again(both):
        assert [call(pid, "add", 1)[1] for pid in both] == [3, 4]
    """
    |> pytest(python)
    |> assert_passed(8)
  end

  test "ends what a with block started, also when it raises", %{python: python} do
    """
    def test_one():
        with supervised(Counter(1)) as pid:
            assert call(pid, "add", 1)[1] == 2
        assert not pid.alive() and shop.ended == [2]

    def test_several():
        shop.ended.clear()
        with pytest.raises(KeyError):
            with supervised(Counter(1), child(Counter(2), name="two", restart="temporary")) as pids:
                assert pids[1] == whereis("two")
                raise KeyError(1)
        assert shop.ended == [2, 1] and whereis("two") is None

    def test_one_does_not_start():
        shop.ended.clear()
        class Bad(GenPy):
            @start()
            def boot(self):
                raise OSError("no disk")
        with pytest.raises(RuntimeError, match="OSError: no disk"):
            with supervised(Counter(7), Bad()):
                pass
        assert shop.ended == [7]

    def test_tree(start_supervised):
        tree = start_supervised(Supervisor([child(Counter(3), name="three")]))
        old = whereis("three")
        call("three", "add", -1)
        new = wait_until(lambda: (pid := whereis("three")) != old and pid)
        assert call(new, "add", 1)[1] == 4
        assert stop_supervised(tree)
        assert whereis("three") is None and not tree.alive()

    def test_function():
        pid = start_supervised(lambda: sleep(30))
        assert pid.alive() and stop_supervised(pid) and not pid.alive()

    def test_restarts_are_refused():
        with pytest.raises(ValueError, match="start Supervisor"):
            start_supervised(child(Counter()))
    """
    |> pytest(python)
    |> assert_passed(6)
  end

  test "a probe tells what arrived", %{python: python} do
    """
    def test_in_place_of_others(counter):
        prices, audit = Probe("prices", answers={"price": 3}), Probe("audit")
        assert call("counter", "buy", "tea") == ("ok", 30)
        assert prices.expect("price").message == "tea"
        asked = audit.expect("bought", timeout=1)
        assert (asked.message, asked.subject) == (("tea", 3), "bought")
        audit.expect_nothing()

    def test_error(counter):
        Probe("prices", answers={"price": response_error("none")})
        assert call("counter", "buy", "tea") == ("error", "none")

    def test_response_of_a_cast(counter, probe):
        cast(counter, "add", 1, sender_pid=probe.pid)
        assert probe.expect_any() == Received("add", 11, None, Status.OK)

    def test_plain_message(probe):
        assert send(probe.pid, ("tick", 1))
        assert probe.expect_info().message == ("tick", 1)

    def test_source(probe):
        class Sender(GenPy):
            @receive("go")
            def go(self):
                call(probe.pid, "hello", 1)
        sender = start_supervised(Sender())
        call(sender, "go")
        assert probe.expect("hello") == ("hello", 1, sender, None)

    def test_order_and_rest(probe):
        for number in range(4):
            cast(probe.pid, "odd" if number % 2 else "even", number)
        assert probe.expect("odd").message == 1
        assert [each.message for each in probe.received()] == [0, 2, 3]

    def test_what_came_instead(probe):
        cast(probe.pid, "other", 7)
        with pytest.raises(AssertionError) as caught:
            probe.expect("add", timeout=0.1)
        assert str(caught.value) == "no 'add' within 0.1 s; the probe got 'other' (7)"
        with pytest.raises(AssertionError, match=r"the probe got 'other' \\(7\\)"):
            probe.expect_nothing()

    def test_nothing(probe):
        with pytest.raises(AssertionError, match="no message within 0.05 s; the probe got nothing"):
            probe.expect_any(timeout=0.05)
        stop_supervised(probe.pid)
        with pytest.raises(RuntimeError, match="the probe has ended"):
            probe.expect_any()

    def test_condition():
        assert wait_until(lambda: [1]) == [1]
        with pytest.raises(AssertionError, match=r"still \\[\\] after 0.05 s"):
            wait_until(list, timeout=0.05)
        with pytest.raises(ZeroDivisionError):
            wait_until(lambda: 1 / 0)
    """
    |> pytest(python)
    |> assert_passed(9)
  end

  test "functions under test are suspended; those of a test file hold a thread", %{python: python} do
    """
    from rebeam._runtime import rebeam_info

    class Local(GenPy):
        @receive("slow")
        def slow(self):
            sleep(0.2)
            return call("counter", "add", 1)

    def test_suspended():
        for number in range(50):
            cast(start_supervised(Counter()), "slow")
        wait_until(lambda: rebeam_info()["suspended"] == 50)
        assert rebeam_info()["blocked"] <= 1

    def test_local(counter):
        assert call(start_supervised(Local()), "slow") == ("ok", (Status.OK, 11))
    """
    |> pytest(python)
    |> assert_passed(2)
  end

  test "a failure shows values, the user's lines and the actor's crash", %{python: python} do
    tests = """
    def test_values(counter):
        status, total = call(counter, "add", 1)
        assert total == 12

    def test_crash(counter):
        status, answer = call(counter, "add", -1)
        assert status == "down" and "ValueError: negative" in answer
        assert not wait_until(lambda: not counter.alive())

    def test_probe(probe):
        probe.expect("add", timeout=0.01)

    def test_start():
        class Bad(GenPy):
            @start()
            def boot(self):
                raise OSError("no disk")
        start_supervised(Bad())

    def test_good(counter):
        assert call(counter, "add", 1)[0]
    """

    result = pytest(tests, python)
    assert result.status == 1
    assert result.out =~ "E       assert 11 == 12"
    assert result.out =~ ~r/test_shop\.py:9: AssertionError/
    assert result.out =~ ~r/Captured stderr call.*actor counter .*crashed in @receive\("add"\)/s
    assert result.out =~ ~r/shop\.py", line 12, in add\n\s+raise ValueError\("negative"\)/
    assert result.out =~ "AssertionError: no 'add' within 0.01 s; the probe got nothing"
    assert result.out =~ ~r/>       probe\.expect\("add", timeout=0\.01\)/
    assert result.out =~ ~r/>       start_supervised\(Bad\(\)\)/
    assert result.out =~ "OSError: no disk"
    refute result.out =~ "rebeam/testing.py"
    assert result.out =~ ~r/^=+ 4 failed, 1 passed in /m

    first = pytest(tests, python, args: ["-x"])
    assert {first.status, first.out =~ ~r/^=+ 1 failed in /m} == {1, true}
    chosen = pytest(tests, python, args: ["-k", "good"])
    assert {chosen.status, chosen.out =~ ~r/^=+ 1 passed, 4 deselected in /m} == {0, true}
    assert %{status: 5} = pytest(tests, python, args: ["-k", "nothing"])
    assert %{status: 2} = pytest("import no_such_module", python)
  end

  test "says what a plugin that is missing would do", %{python: python} do
    tests = """
    def test_start():
        start_supervised(Counter())
    """

    result = pytest(tests, python, files: %{"conftest.py" => ""})
    assert result.status == 1
    assert result.out =~ ~s(put `pytest_plugins = ["rebeam.testing"]` into the top conftest.py)
  end

  test "installed by pip it is a plugin by itself, and the runtime's own package runs", context do
    path = Environment.install!(Program.folder())

    tests = """
    import rebeam

    def test_fixture(start_supervised, probe):
        assert call(start_supervised(Counter(2)), "add", 1) == ("ok", 3)
        assert #{inspect(path)} not in rebeam.__file__

    def test_fresh():
        assert shop.ended == [3]
    """

    for conftest <- ["", @conftest] do
      tests
      |> pytest(context.python, files: %{"conftest.py" => conftest}, env: [{"PYTHONPATH", path}])
      |> assert_passed(2)
    end
  end

  test "coverage sees the lines that actors run", %{python: python} do
    tests = """
    def test_buy(counter):
        Probe("prices", answers={"price": 3}), Probe("audit")
        assert call("counter", "buy", "tea") == ("ok", 30)
    """

    result = pytest(tests, python, args: ["--cov=shop", "--cov-report=term-missing"])
    assert result.status == 0
    # Not run: all of add, the sleep of slow, and the refusal in buy.
    assert result.out =~ ~r/^shop\.py +\d+ +6 +\d+% +11-14, 18, 24$/m
  end

  test "under plain python each test gets the line that says how to run it", %{python: python} do
    tests = """
    def test_plain():
        assert Counter(1).add(2) == response_ok(3)

    def test_call():
        call("counter", "add", 1)

    def test_start():
        start_supervised(Counter())

    def test_fixture(counter):
        pass

    def test_probe(probe):
        pass
    """

    files = %{"shop.py" => @shop, "conftest.py" => @conftest, "test_shop.py" => @head <> tests}
    variables = Environment.variables([Environment.package()])
    arguments = ["-m", "pytest", "-p", "no:cacheprovider", "--color=no"]
    {out, status} = System.cmd(python, arguments, cd: Program.folder(files), env: variables)
    how = "run the tests with `mix rebeam.run -m pytest`"
    assert status == 1
    assert out =~ ~r/^=+ 2 failed, 1 passed, 2 errors in /m

    assert out =~
             "E       RuntimeError: rebeam: start_supervised() works inside the runtime: " <> how

    assert out =~ "RuntimeError: rebeam: Probe() works inside the runtime: " <> how
    assert out =~ "RuntimeError: rebeam: call() works inside the runtime: start the program with"
    refute out =~ "rebeam/_engine/outside.py"
  end

  test "unittest" do
    program = """
    import unittest
    from rebeam import *
    from rebeam.testing import *

    class Echo(GenPy):
        @receive("echo")
        def echo(self, message):
            return message

    class EchoTest(unittest.TestCase):
        def setUp(self):
            self.addCleanup(end_supervised)
            self.pid = start_supervised(Echo(), "echo")

        def test_first(self):
            self.assertEqual(call("echo", "echo", 1), ("ok", 1))

        def test_second(self):
            probe = Probe()
            cast("echo", "echo", 2, sender_pid=probe.pid)
            self.assertEqual(probe.expect("echo").message, 2)

    if __name__ == "__main__":
        unittest.main()
    """

    result = Program.run(program)
    assert {result.status, result.out} == {0, ""}
    assert result.err =~ ~r/Ran 2 tests in .*\n\nOK\n$/
  end
end
