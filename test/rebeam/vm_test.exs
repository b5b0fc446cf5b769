defmodule Rebeam.VMTest do
  # Process units beside whatever VM there is.
  use ExUnit.Case, async: true

  alias Rebeam.Program
  alias Rebeam.VM.Environment

  @script """
  import os
  from rebeam import *

  class Worker(GenPy):
      @receive("process")
      def process(self):
          return os.getpid()

  if __name__ == "__main__":
      worker = run_register_process(child(Worker, isolation="process"))
      status, process = call(worker, "process")
      print(status, process != os.getpid(), flush=True)
  """

  @tag :slow
  test "of variables with flags, a unit takes what is set of the emulator alone" do
    for {text, left} <- [
          {"-sname a +S 1:1 -kernel shell_history enabled +A 3", "+S 1:1 +A 3"},
          {"+P 100000", "+P 100000"},
          {"-name a@b -pa x+y", ""},
          {"", ""}
        ],
        do: assert(Environment.of_emulator(text) == left)

    code = """
    Rebeam.start_link(script: "main.py", python: System.fetch_env!("PYTHON_UNDER_TEST"))
    """

    folder = Program.folder(%{"main.py" => @script})
    flags = [{"ERL_FLAGS", "-sname rebeam_flags_#{System.pid()}"}]
    result = Program.elixir(code, env: flags, cd: folder)
    assert {result.out, result.status} == {"ok True\n", 0}
  end

  @tag :large
  test "a release of an application that depends on Re:BEAM has no boot file of Erlang's" do
    folder =
      Program.folder(%{
        "main.py" => @script,
        "mix.exs" => """
        defmodule Shop.MixProject do
          use Mix.Project
          def project, do: [app: :shop, version: "0.1.0", deps: [{:rebeam, path: #{inspect(File.cwd!())}}]]
          def application, do: [mod: {Shop, []}]
        end
        """,
        "lib/shop.ex" => """
        defmodule Shop do
          use Application
          def start(_type, _arguments) do
            script = {Rebeam, script: "main.py", python: System.fetch_env!("PYTHON_UNDER_TEST"), restart: :temporary}
            started = Supervisor.start_link([script], strategy: :one_for_one)
            spawn(fn -> System.halt(0) end)
            started
          end
        end
        """
      })

    env = [
      {"MIX_ENV", "prod"},
      {"PYTHON_UNDER_TEST", Program.python().executable},
      {"RELEASE_DISTRIBUTION", "sname"},
      {"RELEASE_NODE", "rebeam_release_#{System.pid()}"}
    ]

    options = [cd: folder, env: env, stderr_to_stdout: true]
    assert {_, 0} = System.cmd("mix", ["release", "--quiet"], options)
    release = Path.join(folder, "_build/prod/rel/shop/bin/shop")
    assert {text, 0} = System.cmd(release, ["start"], options)
    # OTP's helper says so if the VM halts while it starts a port.
    assert text =~ ~r/\Aok True\n(erl_child_setup: failed with error 32 .*\n)?\z/
  end

  test "an application of OTP's is there though Mix has hidden it; none that is not" do
    code = ~S"""
    hidden = for name <- [:ssl, :public_key, :asn1, :crypto], do: :code.del_path(name)
    IO.inspect({hidden, Application.ensure_all_started(:ssl) |> elem(0)})
    IO.inspect(Rebeam.VM.ensure_started(:ssl))
    {:error, text} = Rebeam.VM.ensure_started(:no_such_application)
    IO.puts(text)
    """

    assert String.split(Program.elixir(code).out, "\n", trim: true) == [
             "{[true, true, true, true], :error}",
             ":ok",
             "this Erlang has no application no_such_application: " <>
               "where OTP comes in parts, install erlang-no-such-application"
           ]
  end
end
