defmodule Rebeam.Value.AttackTest do
  # Values that run code of their own while they are packed and made again, between actors.
  # What needs no actors for that is in test/c_src/value/test_hostile.py.
  use ExUnit.Case, async: true

  alias Rebeam.Program

  @tag :slow
  test "what ends programs, raised while a value is rebuilt, is an error with its name" do
    assert Program.lines!("value/attack/what_ends_programs.py", options: ["--log-level", "none"]) ==
             [
               "error cannot rebuild the value: SystemExit: 3",
               "error cannot rebuild the value: KeyboardInterrupt: ",
               "error cannot rebuild the value: GeneratorExit: g",
               "error cannot rebuild the value: Mute",
               "error cannot rebuild a __main__.Ends object: KeyError: 'k'",
               "error cannot rebuild the value: SystemExit: 3",
               "ok alive True"
             ]
  end

  test "objects call, sleep and suspend while they are packed and rebuilt" do
    assert Program.lines!("value/attack/objects_call.py") == [
             "o k ['received', 'received']",
             "sent",
             "0"
           ]
  end

  @tag :slow
  test "actors killed while a value is packed or rebuilt there: nothing wrong arrives or stays" do
    assert Program.lines!("value/attack/actors_killed_while_a_value_is_packed.py",
             options: ["--log-level", "none"]
           ) == [
             "True",
             "baseline"
           ]
  end

  @tag :slow
  test "a script whose body exchanges large values starts as a child" do
    folder =
      Program.folder(%{
        "large.py" => """
        from rebeam import *
        class Echo(GenPy):
            name = "echo"
            @receive("back")
            def back(self, message):
                return message
        run_register_process(Echo)
        for _ in range(3):
            status, answer = call("echo", "back", bytes(1_000_000))
        Supervisor(modules=[])
        """
      })

    result =
      Program.elixir("""
      {:ok, _} = Supervisor.start_link([{Rebeam, script: "#{folder}/large.py"}], strategy: :one_for_one)
      {:ok, %Rebeam.Bytes{data: data}} = Rebeam.call("echo", "back", %Rebeam.Bytes{data: String.duplicate("x", 100_000)})
      IO.puts(byte_size(data))
      """)

    assert %{status: 0, out: "100000\n"} = result
  end
end
