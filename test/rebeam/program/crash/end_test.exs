defmodule Rebeam.Program.Crash.EndTest do
  # What a program keeps at its end, whatever hangs then, and that the end comes in time.
  use ExUnit.Case, async: true

  alias Rebeam.Program

  # Seconds: what hangs is cut off in a few, a busy machine has other things to do, and what is
  # not cut off takes for ever.
  @soon 60

  @kept %{
    "text" => "body stop",
    "raw" => "body",
    "own" => "actor",
    "kept" => "actor",
    "memory" => "actor\n",
    "queue" => "actor\nstop\n"
  }

  # A program that keeps all that (test/programs/program/crash/end/keeps.py) and does what `mode`
  # says; how it ended, in seconds, and what the files hold.
  defp run(mode, options \\ []) do
    folder = Program.folder()
    source = "import atexit, ctypes, threading, time\nfrom keeps import *\n#{mode}\nrun()\n"
    start = System.monotonic_time(:millisecond)
    result = Program.run(source, [cd: folder] ++ options)
    seconds = (System.monotonic_time(:millisecond) - start) / 1000
    files = for name <- Map.keys(@kept), into: %{}, do: {name, read(Path.join(folder, name))}
    {result, seconds, files}
  end

  defp read(path) do
    case File.read(path) do
      {:ok, text} -> text
      {:error, reason} -> reason
    end
  end

  @ran ["registered last", "registered first"]

  defp lines(text), do: String.split(text, "\n", trim: true)

  test "atexit handlers, files that nobody closed, logging's handlers, C's buffers" do
    {result, _, files} = run("")
    assert %{status: 0, err: ""} = result
    assert lines(result.out) -- ["printed by C"] == @ran
    assert "printed by C" in lines(result.out)
    assert files == @kept
  end

  for {signal, status} <- [{"SIGTERM", 143}, {"SIGINT", "SIGINT"}, {"SIGHUP", 129}] do
    @tag :slow
    test "the same after #{signal}" do
      {result, _, files} = run("", args: ["wait"], on: [{"ready", :signal, unquote(signal)}])

      assert %{status: unquote(status), err: ""} = result
      assert lines(result.out) -- ["printed by C", "ready"] == @ran
      assert files == @kept
    end
  end

  for {what, mode} <- [
        {"sleeps", "atexit.register(time.sleep, 1000)"},
        {"computes", "@atexit.register\ndef compute():\n    while True: pass"},
        {"waits for a lock", "atexit.register(threading.Event().wait)"},
        {"swallows what interrupts it once",
         "@atexit.register\ndef swallow():\n    try:\n        time.sleep(1000)\n" <>
           "    except BaseException:\n        time.sleep(1000)"}
      ] do
    @tag :slow
    test "an atexit handler that #{what} costs the others nothing" do
      {result, seconds, files} = run(unquote(mode))
      assert result.status == 0
      assert result.err =~ "Exception ignored in atexit callback"
      assert result.err =~ "EndOverdue: not done by the deadline of the program's end"
      assert lines(result.out) -- ["printed by C"] == @ran
      assert files == @kept
      assert seconds < @soon
    end
  end

  @tag :slow
  test "several that hang" do
    {result, seconds, files} =
      run("for _ in range(4):\n    atexit.register(threading.Event().wait)")

    assert result.status == 0
    assert length(String.split(result.err, "EndOverdue: not done")) == 5
    assert lines(result.out) -- ["printed by C"] == @ran
    assert files == @kept
    assert seconds < @soon
  end

  # What comes after it is lost, as no one can interrupt it: the rest of atexit's.
  @tag :slow
  test "an atexit handler that is stuck in C with the GIL in its hands" do
    {result, seconds, files} =
      run(
        "@atexit.register\ndef stuck():\n    lock = ctypes.create_string_buffer(64)\n    ctypes.PyDLL(None).pthread_mutex_lock(lock)\n    ctypes.PyDLL(None).pthread_mutex_lock(lock)"
      )

    assert result.status == 0
    assert "registered last" in lines(result.out)
    assert Map.take(files, ~w(text raw own kept)) == Map.take(@kept, ~w(text raw own kept))
    assert seconds < @soon
  end

  @tag :slow
  test "a thread that never ends is named, and not waited for" do
    {result, seconds, files} =
      run(~s[threading.Thread(target=threading.Event().wait, name="endless").start()])

    assert %{status: 0, err: "rebeam: not waited for at the end: thread endless\n"} = result
    assert lines(result.out) -- ["printed by C"] == @ran
    assert files == @kept
    assert seconds < @soon
  end

  @tag :slow
  test "a thread that ends soon is waited for" do
    {result, _, _} =
      run(
        "def late():\n    time.sleep(1)\n    print('late')\nthreading.Thread(target=late).start()"
      )

    assert %{status: 0, err: ""} = result
    assert lines(result.out) -- ["printed by C"] == ["late" | @ran]
  end

  @tag :slow
  test "a pool's thread that is busy for ever" do
    {result, seconds, files} =
      run("""
      import concurrent.futures
      pool = concurrent.futures.ThreadPoolExecutor(2)
      pool.submit(time.sleep, 1000)
      """)

    assert result.status == 0
    assert result.err =~ "rebeam: not waited for at the end: thread ThreadPoolExecutor-0_0"
    assert files == @kept
    assert seconds < @soon
  end

  @tag :slow
  test "a script without actors takes its time: its threads may be all of it" do
    program = """
    import threading, time
    def work():
        time.sleep(9)
        print("done")
    threading.Thread(target=work).start()
    print("main is done")
    """

    assert %Program{status: 0, out: "main is done\ndone\n", err: ""} == Program.run(program)
  end

  for signal <- ~w(SIGTERM SIGHUP) do
    @tag :slow
    test "#{signal} ends it then" do
      program = """
      import threading, time
      threading.Thread(target=time.sleep, args=(1000,)).start()
      print("ready", flush=True)
      """

      status = if unquote(signal) == "SIGTERM", do: 143, else: 129

      assert %Program{status: status, out: "ready\n", err: ""} ==
               Program.run(program, on: [{"ready", :signal, unquote(signal)}])
    end
  end

  @tag :slow
  test "under Elixir: System.stop runs Python's end, in time" do
    folder =
      Program.folder(%{
        "python/ends.py" => """
        import atexit, threading
        from rebeam import GenPy, receive
        kept = open("kept", "w")
        kept.write("kept")
        atexit.register(lambda: open("ran", "w").write("ran"))
        atexit.register(threading.Event().wait)
        class Ends(GenPy):
            @receive("there")
            def there(self):
                return True
        """
      })

    code = """
    Application.put_env(:rebeam, :python, System.fetch_env!("PYTHON_UNDER_TEST"))
    {:ok, pid} = Rebeam.GenPy.start_link({"ends", "Ends"}, path: "python")
    {:ok, true} = Rebeam.call(pid, "there", nil)
    System.stop(5)
    Process.sleep(:infinity)
    """

    assert %{status: 5} = Program.elixir(code, cd: folder)
    assert File.read!(Path.join(folder, "kept")) == "kept"
    assert File.read!(Path.join(folder, "ran")) == "ran"
  end
end
