defmodule Rebeam.Python.TestingTest do
  # `rebeam.testing`: a user's tests, run by pytest and unittest inside the runtime.
  use ExUnit.Case, async: true

  alias Rebeam.{Environment, Program}

  @shop "python/testing/shop.py"

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

  setup_all do: %{python: Environment.python()}

  # pytest over one file of tests, in a project.
  defp pytest(tests, python, options \\ []) do
    files = %{"shop.py" => @shop, "conftest.py" => @conftest, "test_shop.py" => tests}
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

  @tag :slow
  test "starts actors for one test, and ends them with it, the newest first", %{python: python} do
    "python/testing/starts_actors_for_one_test.py"
    |> pytest(python)
    |> assert_passed(8)
  end

  @tag :slow
  test "ends what a with block started, also when it raises", %{python: python} do
    "python/testing/ends_what_a_with_block_started.py"
    |> pytest(python)
    |> assert_passed(6)
  end

  @tag :slow
  test "a probe tells what arrived", %{python: python} do
    "python/testing/probe_tells_what_arrived.py"
    |> pytest(python)
    |> assert_passed(9)
  end

  @tag :slow
  test "a cluster is split, delayed and healed; its nodes are killed and start again", context do
    "python/testing/cluster_is_split.py"
    |> pytest(context.python, args: ["-W", "error"])
    |> assert_passed(12)
  end

  @tag :slow
  test "the guide's test of a cluster", %{python: python} do
    guide = File.read!("priv/guides/clusters.md")
    [_, tests] = Regex.run(~r/```python\n(# test_shop.*?)```/s, guide)
    result = pytest(tests, python)
    assert result.status == 0, result.out <> result.err
    assert result.out =~ ~r/^=+ 1 passed in /m
  end

  @tag :slow
  test "functions under test are suspended; those of a test file hold a thread", %{python: python} do
    "python/testing/functions_under_test_are_suspended.py"
    |> pytest(python)
    |> assert_passed(2)
  end

  @tag :slow
  test "a failure shows values, the user's lines and the actor's crash", %{python: python} do
    tests = "python/testing/failure_shows_values_the_users_lines.py"

    result = pytest(tests, python)
    assert result.status == 1
    assert result.out =~ "E       assert 11 == 12"

    assert result.out =~
             ~r/test_shop\.py:#{Program.line(tests, "assert total == 12")}: AssertionError/

    assert result.out =~ ~r/Captured stderr call.*actor counter .*crashed in @receive\("add"\)/s

    assert result.out =~
             ~r/shop\.py", line #{Program.line("python/testing/shop.py", "raise ValueError")}, in add\n\s+raise ValueError\("negative"\)/

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

  @tag :slow
  test "says what a plugin that is missing would do", %{python: python} do
    tests = """
    from rebeam.testing import start_supervised
    from shop import Counter
    def test_start():
        start_supervised(Counter())
    """

    result = pytest(tests, python, files: %{"conftest.py" => ""})
    assert result.status == 1
    assert result.out =~ ~s(put `pytest_plugins = ["rebeam.testing"]` into the top conftest.py)
  end

  @tag :slow
  test "installed by pip it is a plugin by itself, and the runtime's own package runs", context do
    path = Environment.install!(Program.folder())

    tests = """
    import shop
    from rebeam import *
    from shop import Counter
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

  @tag :slow
  test "coverage sees the lines that actors run", %{python: python} do
    tests = """
    from rebeam import *
    from rebeam.testing import Probe
    def test_buy(counter):
        Probe("prices", answers={"price": 3}), Probe("audit")
        assert call("counter", "buy", "tea") == ("ok", 30)
    """

    result = pytest(tests, python, args: ["--cov=shop", "--cov-report=term-missing"])
    assert result.status == 0
    # Not run: all of add, the sleep of slow, and the refusal in buy.
    assert result.out =~ ~r/^shop\.py +\d+ +6 +\d+% +12-15, 19, 25$/m
  end

  @tag :slow
  test "under plain python each test gets the line that says how to run it", %{python: python} do
    tests = """
    from rebeam import *
    from rebeam.testing import start_supervised
    from shop import Counter
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

    files = %{"shop.py" => @shop, "conftest.py" => @conftest, "test_shop.py" => tests}
    variables = Environment.variables([Environment.package()])
    arguments = ["-m", "pytest", "-p", "no:cacheprovider", "--color=no"]
    {out, status} = System.cmd(python, arguments, cd: Program.folder(files), env: variables)
    how = "run the tests with `rebeam -m pytest`"
    assert status == 1
    assert out =~ ~r/^=+ 2 failed, 1 passed, 2 errors in /m

    assert out =~
             "E       RuntimeError: rebeam: start_supervised() works inside the runtime: " <> how

    assert out =~ "RuntimeError: rebeam: Probe() works inside the runtime: " <> how
    assert out =~ "RuntimeError: rebeam: call() works inside the runtime: start the program with"
    refute out =~ "rebeam/_engine/stand_in.py"
  end

  @tag :slow
  test "unittest" do
    result = Program.run("python/testing/unittest_cases.py")
    assert {result.status, result.out} == {0, ""}
    assert result.err =~ ~r/Ran 2 tests in .*\n\nOK\n$/
  end
end
