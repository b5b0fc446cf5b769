defmodule Rebeam.Program.StopTest do
  # Scripts that are started without waiting, and that are stopped at any moment.
  use Rebeam.ElixirChildCase, async: false

  alias Rebeam.PythonError

  # Each writes that it has begun, and how it ends, into the file that its `log` is.
  defp body(context, code) do
    code = "    " <> String.replace(code, "\n", "\n    ")

    script(context, "body#{System.unique_integer([:positive])}.py", """
    import sys, time
    from pathlib import Path
    log = Path(#{inspect(context.log)})
    def tell(text):
        with log.open("a") as file:
            print(text, file=file)
    try:
        tell("begins")
    #{code}
    except BaseException as error:
        tell(type(error).__name__)
        raise
    """)
  end

  defp begun(context),
    do: wait_until(fn -> File.exists?(context.log) and lines(context) != [] end)

  describe "start: :async" do
    test "neither a supervisor nor a caller waits for the body", context do
      gate = Path.join(context.folder, "gate")

      path =
        body(context, """
        while not Path(#{inspect(gate)}).exists():
            time.sleep(0.01)
        Supervisor([Counter(1, name="st_late")])
        """)

      tree = supervise([{Rebeam, script: path, start: :async, name: Rebeam.StLate}])
      begun(context)
      assert [{Rebeam.StLate, script, :supervisor, _}] = Supervisor.which_children(tree)
      assert Supervisor.which_children(script) == []
      assert Rebeam.whereis("st_late") == nil
      File.write!(gate, "")
      wait_until(fn -> Rebeam.whereis("st_late") end)
      assert Rebeam.call("st_late", "add", 1) == {:ok, 2}
      assert [{_, _, :supervisor, _}] = Supervisor.which_children(script)
    end

    test "a body that raises is how the process ends", context do
      path = body(context, "1 / 0")
      {:ok, pid} = Rebeam.start(script: path, start: :async)
      monitor = Process.monitor(pid)

      assert_receive {:DOWN, ^monitor, _, _,
                      {%PythonError{type: "ZeroDivisionError"} = error, []}}

      assert error.traceback =~ ~s(File "#{path}")
    end

    test "a body with nothing to supervise is done, and not run again", context do
      tree =
        supervise([{Rebeam, script: body(context, "pass"), start: :async, name: Rebeam.StDone}])

      # A process gives its name up before its supervisor hears of its end.
      wait_until(fn -> match?([{_, :undefined, _, _}], Supervisor.which_children(tree)) end)
      assert Process.whereis(Rebeam.StDone) == nil
      assert lines(context) == ["begins"]
    end

    @tag :slow
    test "has its time", context do
      path = body(context, "time.sleep(1000)")
      {:ok, pid} = Rebeam.start(script: path, start: :async, timeout: 2_000)
      monitor = Process.monitor(pid)
      assert_receive {:DOWN, ^monitor, _, _, :timeout}
      assert lines(context) == ["begins", "ActorExit"]
    end

    test "is not to be anything else", context do
      assert_raise ArgumentError, ":start is :sync or :async, not :later", fn ->
        Rebeam.start_link(script: body(context, "pass"), start: :later)
      end
    end
  end

  test "a body that raises never kills who starts it", context do
    path = body(context, "1 / 0")

    for start <- [&Rebeam.start_link/1, &Rebeam.start/1] do
      task = Task.async(fn -> {start.(script: path), Process.info(self(), :links)} end)
      assert {{:error, {%PythonError{} = error, []}}, {:links, links}} = Task.await(task, 60_000)
      assert error.traceback =~ "ZeroDivisionError: division by zero"
      assert links == [self()]
    end
  end

  describe "stop" do
    for {what, code} <- [
          {"computes", "while True: time.monotonic()"},
          {"sleeps", "time.sleep(1000)"},
          {"waits for a lock", "import threading\nthreading.Event().wait()"},
          {"waits for a queue", "import queue\nqueue.SimpleQueue().get()"},
          {"waits for a socket",
           "import socket\nserver = socket.create_server(('127.0.0.1', 0))\nserver.accept()"},
          {"waits for a child process", "import subprocess\nsubprocess.run(['sleep', '1000'])"},
          {"waits for a thread",
           "import threading\nthread = threading.Thread(target=time.sleep, args=(1000,), daemon=True)\n" <>
             "thread.start()\nthread.join()"},
          {"runs an event loop", "import asyncio\nasyncio.run(asyncio.sleep(1000))"},
          {"calls", "sleep(1000)"}
        ] do
      test "while the body #{what}", context do
        {:ok, pid} = Rebeam.start_link(script: body(context, unquote(code)), start: :async)
        begun(context)
        assert Rebeam.stop(pid) == :ok
        refute Process.alive?(pid)
        assert ["begins", ended] = lines(context)
        # Python has told the loop's task, and it ends with that.
        assert ended in ["ActorExit", "CancelledError"]
        # The next one has Python's main thread.
        assert Rebeam.start_link(script: body(context, "pass")) == :ignore
      end
    end

    test "what the body had begun is ended in order", context do
      path =
        body(context, """
        with Supervisor([Counter(1, log=str(log), name="st_block")]):
            try:
                time.sleep(1000)
            finally:
                time.sleep(0.2)
                tell(ask("st_block", "add", 1))
        """)

      {:ok, pid} = Rebeam.start_link(script: path, start: :async)
      wait_until(fn -> Rebeam.whereis("st_block") end)
      assert Rebeam.stop(pid) == :ok
      assert ["begins" | ended] = lines(context)
      assert List.last(ended) == "ActorExit"
      assert Enum.any?(ended, &(&1 =~ "stop"))
    end

    @tag :slow
    test "a body that swallows what it gets is ended all the same", context do
      path =
        body(context, """
        while True:
            try:
                time.sleep(1000)
            except BaseException:
                tell("swallowed")
        """)

      {:ok, pid} = Rebeam.start_link(script: path, start: :async)
      begun(context)
      assert Rebeam.stop(pid) == :ok
      assert ["begins", "swallowed", "swallowed" | _] = lines(context)
      wait_until(fn -> Rebeam.info().abandoned == 0 end)
      assert Rebeam.start_link(script: body(context, "pass")) == :ignore
    end

    test "trees are shut down; a name will do; others go on", context do
      first = body(context, "Supervisor([Counter(1, log=str(log), name='st_first')])")
      second = body(context, "Supervisor([Counter(2, name='st_second')])")
      {:ok, pid} = Rebeam.start_link(script: first, name: "st_script")
      {:ok, other} = Rebeam.start_link(script: second)
      assert Rebeam.stop("st_script") == :ok
      refute Process.alive?(pid)

      assert lines(context) == ["begins", "stop 1 shutdown", "begins"] or
               lines(context) == ["begins", "begins", "stop 1 shutdown"]

      assert Rebeam.call("st_second", "add", 1) == {:ok, 3}
      assert Rebeam.stop(other) == :ok
      assert {:noproc, _} = catch_exit(Rebeam.stop("st_script"))
    end

    test "while somebody waits for its start", context do
      path = body(context, "time.sleep(1000)")
      task = Task.async(fn -> Rebeam.start_link(script: path, name: Rebeam.StWaited) end)
      begun(context)
      assert Rebeam.stop(Rebeam.StWaited) == :ok
      assert Task.await(task) == {:error, :stopped}
      assert lines(context) == ["begins", "ActorExit"]
    end

    test "by its supervisor, while the body runs", context do
      supervise([{Rebeam, script: body(context, "time.sleep(1000)"), start: :async}])
      begun(context)
      stop_supervised!(:tree)
      assert lines(context) == ["begins", "ActorExit"]
    end

    test "a script whose turn has not come", context do
      {:ok, first} = Rebeam.start_link(script: body(context, "time.sleep(1000)"), start: :async)
      begun(context)
      {:ok, second} = Rebeam.start_link(script: body(context, "tell('second')"), start: :async)
      assert Rebeam.stop(second) == :ok
      assert Rebeam.stop(first) == :ok
      assert Rebeam.start_link(script: body(context, "tell('third')")) == :ignore
      assert lines(context) == ["begins", "ActorExit", "begins", "third"]
    end
  end
end
