defmodule Rebeam.CLI.SettingsTest do
  # Not asynchronous: it sets variables of this VM.
  use ExUnit.Case

  alias Rebeam.CLI.CommandLine
  alias Rebeam.Program

  defp project(toml, more \\ %{}) do
    Program.folder(Map.merge(%{"pyproject.toml" => toml, "app/main.py" => "pass\n"}, more))
  end

  defp read(folder, argv \\ []), do: CommandLine.read(argv ++ [Path.join(folder, "app/main.py")])

  defp run(folder, argv \\ []) do
    assert {:run, options} = read(folder, argv)
    options
  end

  defp set(variables) do
    before = Map.new(variables, fn {name, _} -> {name, System.get_env(name)} end)
    on_exit(fn -> System.put_env(before) end)
    System.put_env(variables)
  end

  test "command line over environment over the nearest file over defaults" do
    folder =
      project("""
      [project]
      name = "demo"
      [tool.rebeam]
      isolation = "process"
      workers = 3
      unit-memory = "1G"
      restart = "always"
      """)

    set(%{"REBEAM_WORKERS" => "4", "REBEAM_UNIT_MEMORY" => "2G", "REBEAM_SNAME" => ""})
    options = run(folder, ["--unit-memory", "3G"])
    gib = 1024 ** 3
    assert {options.isolation, options.workers, options.unit_memory} == {:process, 4, 3 * gib}
    assert {options.restart, options.max_restarts, options.sname} == {:always, 3, nil}
    file = Path.join(folder, "pyproject.toml")

    assert options.origins == %{
             isolation: "isolation in #{file}",
             workers: "$REBEAM_WORKERS",
             unit_memory: "--unit-memory",
             restart: "restart in #{file}"
           }
  end

  test "the nearest file that has such a table counts, and no other" do
    folder = project("[tool.rebeam]\nworkers = 2\n", %{"app/pyproject.toml" => "[project]\n"})
    assert run(folder).workers == 2
    File.write!(Path.join(folder, "app/pyproject.toml"), "[tool.rebeam]\nmax-seconds = 9\n")
    assert {run(folder).workers, run(folder).max_seconds} == {nil, 9}
  end

  test "a file that changed is read again" do
    folder = project("[tool.rebeam]\nworkers = 2\n")
    assert run(folder).workers == 2
    File.write!(Path.join(folder, "pyproject.toml"), "[tool.rebeam]\nworkers = 21\n")
    assert run(folder).workers == 21
  end

  test "lists, and paths beside the file" do
    folder =
      project("""
      [tool.rebeam]
      sname = "a"
      connect = ["b@h", "d@h"]
      cookie-file = "secret"
      python = "no/python"
      """)

    options = run(folder)
    assert options.connect == ["b@h", "d@h"]
    assert options.cookie_file == Path.join(folder, "secret")
    assert options.python == Path.join(folder, "no/python")
    set(%{"REBEAM_CONNECT" => "x@h, y@h"})
    assert run(folder).connect == ["x@h", "y@h"]
    assert run(folder, ["--connect", "z@h"]).connect == ["z@h"]
  end

  test "what is wrong is said, and where" do
    for {toml, text} <- [
          {"[tool.rebeam]\nmax-seconds = 0\n",
           ~s(max-seconds in FILE is a whole number of at least 1, not "0")},
          {"[tool.rebeam]\nworkers = true\n",
           "workers in FILE is a text, a number or a list of texts, not a bool"},
          {"[tool.rebeam]\nconnect = [1]\n",
           "connect in FILE is a text, a number or a list of texts, not a list of other things"},
          {"[tool.rebeam]\nisolation = [\"process\"]\n", nil},
          {"[tool.rebeam]\nisolation = [\"process\", \"shared\"]\n",
           "isolation in FILE is one value, not a list"},
          {"[tool.rebeam]\ncookie = \"x\"\n", ~r/^cookie in FILE is no setting: cluster, /},
          {"[tool.rebeam]\nworker = 2\n", ~r/^worker in FILE is no setting: .*workers/},
          {"[tool.rebeam]\nworkers = \n", ~r/^FILE: Invalid value \(at line 2, column 11\)$/},
          {"tool.rebeam = 3\n", "FILE: tool.rebeam is no table"},
          {"[tool.rebeam]\nlog-level = [\"?\", \"x\"]\n",
           "log-level in FILE is one value, not a list"},
          {"[tool.rebeam]\nx = #{String.duplicate("[", 5000)}\n", ~r/^FILE: .*recursion/},
          {"[tool.rebeam]\nsname = \"a b\"\n",
           ~s(sname in FILE is a node's name, NAME@HOST, not "a b")}
        ] do
      folder = project(toml)
      file = Path.join(folder, "pyproject.toml")
      shown = fn text -> String.replace(text, file, "FILE") end

      case {read(folder), text} do
        {{:run, options}, nil} -> assert options.isolation == :process
        {{:error, said}, %Regex{} = text} -> assert shown.(said) =~ text
        {{:error, said}, text} -> assert shown.(said) == text
      end
    end

    set(%{"REBEAM_RESTART" => "maybe"})

    assert read(project("")) ==
             {:error, ~s($REBEAM_RESTART is one of never, on-failure, always, not "maybe")}
  end

  test "the table counts however it is spelled, and the file above where there is none" do
    for table <- [
          "[ tool . 'rebeam' ]\nworkers = 7\n",
          "[tool]\nrebeam.workers = 7\n",
          "[tool]\nrebeam = {workers = 7}\n",
          "tool = {rebeam = {workers = 7}}\n"
        ] do
      assert run(project(table)).workers == 7
    end

    for none <- ["# [tool.rebeam]\n", "tool = 5\nx.rebeam = 3\n", "[tool.poetry]\nrebeam = '1'\n"] do
      assert run(project("[tool.rebeam]\nworkers = 7\n", %{"app/pyproject.toml" => none})).workers ==
               7
    end
  end

  test "a file that is none is not waited for" do
    folder = project("")
    {_, 0} = System.cmd("mkfifo", [Path.join(folder, "app/pyproject.toml")])
    assert run(folder).workers == nil
  end

  test "without a script the search begins in the working folder" do
    folder = project("[tool.rebeam]\nworkers = 5\n")

    File.cd!(Path.join(folder, "app"), fn ->
      for argv <- [["-c", "pass"], ["-m", "main"], [], ["-"]] do
        assert {:run, %{workers: 5}} = CommandLine.read(argv)
      end
    end)
  end
end
