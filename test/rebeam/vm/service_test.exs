defmodule Rebeam.VM.ServiceTest do
  # What a service manager hears, through a socket of its kind.
  use ExUnit.Case, async: true

  alias Rebeam.Program

  @program """
  from rebeam import GenPy, Supervisor, child, start
  class Served(GenPy):
      @start()
      def begin(self): print("started", flush=True)
  Supervisor([child(Served())])
  """

  # All that comes, up to STOPPING. The program is asked to end once `enough` came.
  defp hear(place, enough, variables \\ []) do
    {:ok, socket} = :socket.open(:local, :dgram)
    :ok = :socket.bind(socket, %{family: :local, path: path(place)})
    env = [{"NOTIFY_SOCKET", place} | variables]
    listener = Task.async(fn -> hear(socket, enough, nil, []) end)
    result = Program.run(@program, env: env)
    texts = Task.await(listener, :infinity)
    :socket.close(socket)
    {texts, result}
  end

  defp hear(socket, enough, pid, texts) do
    {:ok, {_, text}} = :socket.recvfrom(socket)

    pid =
      with ["READY=1", "MAINPID=" <> pid] <- String.split(text, "\n"), do: pid, else: (_ -> pid)

    texts = texts ++ [String.replace(text, ~r/\d{2,}/, "PID")]
    if texts == enough, do: System.cmd("kill", ["-TERM", pid])
    if text == "STOPPING=1", do: texts, else: hear(socket, enough, pid, texts)
  end

  defp path("@" <> name), do: <<0, name::binary>>
  defp path(path), do: path

  @tag :slow
  test "READY when the trees run, STOPPING when they end" do
    ready = "READY=1\nMAINPID=PID"

    abstract = "@rebeam-#{System.pid()}-#{System.unique_integer([:positive])}"

    for place <- [Path.join(Program.folder(), "notify"), abstract] do
      {texts, result} = hear(place, [ready])
      assert texts == [ready, "STOPPING=1"]
      assert {result.out, result.err, result.status} == {"started\n", "", 143}
    end
  end

  @tag :slow
  test "the watchdog hears of it, if it asked this process" do
    place = Path.join(Program.folder(), "notify")
    beats = ["READY=1\nMAINPID=PID", "WATCHDOG=1", "WATCHDOG=1", "WATCHDOG=1"]
    {texts, _} = hear(place, beats, [{"WATCHDOG_USEC", "20000"}])
    assert Enum.take(texts, 4) == beats

    place = Path.join(Program.folder(), "notify")
    variables = [{"WATCHDOG_USEC", "20000"}, {"WATCHDOG_PID", "1"}]
    {texts, _} = hear(place, Enum.take(beats, 1), variables)
    assert texts == ["READY=1\nMAINPID=PID", "STOPPING=1"]
  end

  @tag :slow
  test "nobody who listens, and no such place: the program runs" do
    for place <- ["/nowhere/notify", "relative", "@rebeam-nobody"] do
      program = "from rebeam import *\nSupervisor([child(print, significant=True)])\n"
      result = Program.run(program, env: [{"NOTIFY_SOCKET", place}])
      assert {result.out, result.err, result.status} == {"\n", "", 0}
    end
  end
end
