defmodule Rebeam.Log.RecordsTest do
  # What `logging` and crashes look like, as text and as JSON.
  use ExUnit.Case, async: true

  alias Rebeam.Program

  defp run(options, arguments) do
    result = Program.run("log/records.py", options: options, args: arguments)
    assert {result.out, result.status} == {"", 0}
    result.err
  end

  # Of each line of JSON the values that matter, as Python shows them.
  defp entries(text) do
    python = """
    import json, sys
    for line in sys.stdin:
        entry = json.loads(line)
        print(repr([entry.get(key) for key in sys.argv[1:]]))
    """

    path = Path.join(Program.folder(%{"log" => text}), "log")
    keys = ~w(level message logger actor name subject line)
    words = ["-c", ~s("$@" < "$LOG"), "sh", Program.python().executable, "-c", python | keys]
    {out, 0} = System.cmd("sh", words, env: [{"LOG", path}])
    String.split(out, "\n", trim: true)
  end

  @tag :slow
  test "without a word of the program's, logging is python's" do
    text = run([], [])
    assert text =~ ~r/^sold a "thing"\nof two lines\nwrong\nTraceback/
    assert text =~ ~r/^over$/m

    assert run([], ["plain"]) =~
             ~r/^WARNING:shop:sold a "thing"\nof two lines\nERROR:shop:wrong$/m
  end

  for isolation <- ["shared", "process"] do
    @tag :slow
    test "handed to the runtime: one log, with who and where (#{isolation})" do
      options = ["--isolation", unquote(isolation), "--workers", "1"]
      text = run(options, ["handed"])
      assert text =~ ~r/^\d\d:\d\d:\d\d\.\d{3} \[warning\] shop: sold a "thing"\nof two lines\n/m
      assert text =~ ~r/ \[error\] shop: wrong\nTraceback \(most recent call last\):/
      assert text =~ ~r/ \[critical\] shop: over$/m
      refute text =~ "unseen"
    end

    @tag :slow
    test "json: every line is an object (#{isolation})" do
      options = ["--isolation", unquote(isolation), "--workers", "1", "--log-format", "json"]

      for arguments <- [["handed"], ["plain"], []] do
        [sold, wrong, over, crash] = options |> run(arguments) |> entries()

        assert sold ==
                 ~S(['warning', 'sold a "thing"\nof two lines', 'shop', 'seller', 'seller', None, 14])

        assert wrong =~ ~r/\A\['error', 'wrong\\nTraceback .*'shop', 'main', None, None, 28\]\z/
        assert over == "['critical', 'over', 'shop', 'main', None, None, 29]"
        assert crash =~ ~r/\A\['error', 'actor seller .* crashed in @receive\("fail"\)/
        assert crash =~ ~r/, None, 'seller', None, 'fail', None\]\z/
      end
    end
  end

  @tag :slow
  test "colours are for terminals, and for who wants them" do
    for {env, coloured?} <- [
          {[{"TERM", "xterm"}, {"NO_COLOR", nil}], true},
          {[{"TERM", "xterm"}, {"NO_COLOR", "1"}], false},
          {[{"TERM", "dumb"}, {"NO_COLOR", nil}], false}
        ] do
      result = Program.run("log/records.py", pty: true, env: env)
      assert {env, result.out =~ ~r/^\e\[31m[\d:.]+ \[error\] actor seller /m} == {env, coloured?}
    end

    refute run([], []) =~ "\e["
  end

  test "a crash is one block: who, at what, with which state, its supervisor and what that does" do
    text = run([], [])

    assert text =~
             Regex.compile!(
               """
               ^\\d\\d:\\d\\d:\\d\\d\\.\\d{3} \\[error\\] actor seller \\(Seller\\) <[\\d.]+> crashed in @receive\\("fail"\\)( after [\\d.]+ s)?
                 message: 'asked to'
                 sender: main <[\\d.]+>
                 supervisor: shop <[\\d.]+> starts it again, 1 of 3 in 5 s \\(permanent\\)
               Traceback \\(most recent call last\\):
                 File ".*/main.py", line 20, in fail
                   raise ValueError\\(message\\)
               ValueError: asked to
               """,
               "m"
             )

    refute text =~ "GenServer"
  end

  @tag :slow
  test "none is lost, however fast they come, and names may hold what is no text" do
    program = """
    import logging, sys, threading
    import rebeam
    logging.basicConfig(level=logging.INFO, handlers=[rebeam.LogHandler()])
    def many(name):
        for number in range(3000): logging.getLogger(name).info(str(number))
    threads = [threading.Thread(target=many, args=(name,)) for name in ("one", "t\\udcffo")]
    for each in threads: each.start()
    for each in threads: each.join()
    """

    result = Program.run(program, options: ["--log-format", "json"])
    assert {result.out, result.status} == {"", 0}

    entries =
      for line <- String.split(result.err, "\n", trim: true),
          [_, number, name] = Regex.run(~r/"message":"(\d+)","logger":"([^"]+)"/, line),
          do: {name, String.to_integer(number)}

    by_name = Enum.group_by(entries, &elem(&1, 0), &elem(&1, 1))
    numbers = Enum.to_list(0..2999)
    assert by_name == %{"one" => numbers, ~S(t\\udcffo) => numbers}
  end
end
