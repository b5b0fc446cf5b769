defmodule Rebeam.ValueLentTest do
  # Large values between OS processes of one host (lib/rebeam/loans.ex).
  use ExUnit.Case, async: true

  alias Rebeam.{Environment, InElixir, Program}

  @head """
  import gc, os, sys, time
  from rebeam import *
  from rebeam._runtime import collect, rebeam_info

  SIZE = 3_000_000
  LARGE = bytes(range(250)) * (SIZE // 250)

  def until(true, seconds=20):
      end = time.monotonic() + seconds
      while not true() and time.monotonic() < end:
          gc.collect(), collect(), time.sleep(0.01)
      return true()

  def files():
      "Large ones that this process has open, and has mapped."
      names = []
      for descriptor in os.listdir("/proc/self/fd"):
          try:
              if os.readlink(path := f"/proc/self/fd/{descriptor}").startswith("/memfd:rebeam-"):
                  names.append(os.stat(path).st_size)
          except OSError:
              pass
      with open("/proc/self/maps") as file:
          mapped = sum("/memfd:rebeam-" in line for line in file)
      return sum(size >= SIZE for size in names), mapped

  class Holder(GenPy):
      def __init__(self, value=None):
          self.kept = []
      @receive("keep")
      def keep(self, message):
          self.kept.append(message)
      @receive("kept")
      def kept_now(self):
          return [len(each) for each in self.kept], files()
      @receive("drop")
      def drop(self):
          self.kept = []
          return until(lambda: files() == (0, 0) and rebeam_info()["shared"] == 0)
      @receive("echo")
      def echo(self, message):
          return message
      @receive("files")
      def files_now(self):
          return files(), os.getpid()
      @receive("send")
      def send(self, message):
          cast(message, "keep", memoryview(LARGE))
      @receive("ask")
      def ask(self, message):
          return call(message, "echo", memoryview(LARGE))[1] == LARGE

  def ready(name):
      "Once files go to it, and from it."
      def lent():
          call(name, "keep", memoryview(LARGE))
          return call(name, "kept")[1][1][1] > 0 and call(name, "ask", "here")[1]
      assert until(lent), name
      assert call(name, "drop")[1]
  """

  @units ["--workers", "2"]

  test "one copy is made, in memory that both have for as long as it is used" do
    program = """
    #{@head}
    import numpy
    def driver():
        for name in ("one", "two"):
            ready(name)
        before = rebeam_info()["shared"]
        array = numpy.arange(SIZE // 8)
        print(array.flags.writeable, cast("one", "keep", array), cast("one", "keep", array))
        print(call("one", "kept")[1], files(), array.flags.writeable)
        status, back = call("one", "echo", {"a": [array, array]})
        print((back["a"][0] == array).all(), back["a"][0] is back["a"][1], back["a"][0].dtype)
        print(back["a"][0].flags.writeable, files())
        try:
            back["a"][0][0] = 1
        except ValueError as error:
            print(error)
        back = None
        print(call("two", "ask", "one")[1], call("one", "drop")[1])
        print(until(lambda: files() == (0, 0) and rebeam_info()["shared"] <= before), files())
        print([each == LARGE for _, each in call_many([("one", "echo", LARGE), ("two", "echo", LARGE)])])
        print(until(lambda: files() == (0, 0)))
    if __name__ == "__main__":
        Supervisor([child(Holder(), name="one", isolation="process"),
                    child(Holder(), name="two", isolation="process"),
                    child(Holder(), name="here"),
                    child(driver, restart="transient", significant=True)])
    """

    options = @units ++ ["--python", Environment.python()]

    assert Program.lines!(program, options: options, limit: 100) == [
             "True True True",
             "([375000, 375000], (0, 2)) (0, 0) False",
             "True True int64",
             "False (0, 1)",
             "assignment destination is read-only",
             "True True",
             "True (0, 0)",
             "[True, True]",
             "True"
           ]
  end

  test "a broadcast copies once for all" do
    program = """
    #{@head}
    class Member(Holder):
        @start()
        def begin(self):
            join("all")
        @receive("inodes")
        def inodes(self):
            with open("/proc/self/maps") as file:
                return sorted({line.split()[4] for line in file if "/memfd:rebeam-" in line})
    def driver():
        for name in ("one", "two"):
            ready(name)
        until(lambda: len(members("all")) == 4)
        print(broadcast("all", "keep", memoryview(LARGE)))
        print([call(name, "kept")[1] for name in ("one", "two", "three")], files())
        print([len(each) for each in call("local", "kept")[1][0:1]])
        inodes = call("one", "inodes")[1]
        print(len(inodes), inodes == call("two", "inodes")[1] == call("three", "inodes")[1])
    if __name__ == "__main__":
        Supervisor([child(Member(), name="one", isolation="process"),
                    child(Member(), name="two", isolation="process"),
                    child(Member(), name="three", isolation="process"),
                    child(Member(), name="local"),
                    child(Holder(), name="here"),
                    child(driver, restart="transient", significant=True)])
    """

    assert Program.lines!(program, options: @units, limit: 100) == [
             "4",
             "[([3000000], (0, 2)), ([3000000], (0, 1)), ([3000000], (0, 2))] (0, 0)",
             "[1]",
             "1 True"
           ]
  end

  # Before the program has units.
  @node ~S"""
  System.cmd("epmd", ["-daemon"])
  {:ok, _} = Node.start(:"lent_#{System.pid()}@127.0.0.1")
  """

  @ready """
  open = fn ->
    for each <- File.ls!("/proc/self/fd"), path = "/proc/self/fd/" <> each,
        {:ok, "/memfd:rebeam-" <> _} <- [File.read_link(path)],
        {:ok, %{size: size}} when size > 1_000_000 <- [File.stat(path)], do: size
  end
  large = %Rebeam.Bytes{data: String.duplicate("0123456789", 300_000)}
  holder = until.(fn -> Rebeam.whereis("holder") end)
  until.(fn -> :ets.lookup(Rebeam.Loans, node(holder)) == [{node(holder), true}] end)
  """

  @holders """
  #{@head}
  if __name__ == "__main__":
      Supervisor([child(Holder(), name="holder", isolation="process"), child(Holder(), name="here")],
                 max_restarts=100)
  """

  defp lines(code),
    do: @holders |> InElixir.lines!(code, @node) |> Enum.reject(&(&1 =~ "SIGKILL"))

  test "what was not taken is given back when who should take it ends, or its node" do
    code =
      @ready <>
        ~S"""
        show.({node(holder) != node(), open.()})
        :sys.suspend(holder)
        for _ <- 1..3, do: true = Rebeam.cast(holder, "keep", large)
        show.(until.(fn -> open.() == [3_000_000, 3_000_000, 3_000_000] end))
        :sys.resume(holder)
        kept = {:ok, {[3_000_000, 3_000_000, 3_000_000], {0, 0}}}
        show.({until.(fn -> Rebeam.call(holder, "kept", nil) == kept end), open.()})
        :sys.suspend(holder)
        true = Rebeam.cast(holder, "keep", large)
        show.(until.(fn -> open.() == [3_000_000] end))
        Process.exit(holder, :kill)
        show.(until.(fn -> open.() == [] end))
        holder = until.(fn -> with pid when pid not in [nil, holder] <- Rebeam.whereis("holder"), do: pid end)
        {:ok, {_, os_pid}} = Rebeam.call(holder, "files", nil)
        :sys.suspend(holder)
        true = Rebeam.cast(holder, "keep", large)
        show.(until.(fn -> open.() == [3_000_000] end))
        System.cmd("kill", ["-9", "#{os_pid}"])
        show.(until.(fn -> open.() == [] end))
        """

    assert @holders |> InElixir.lines!(code, @node) |> Enum.reject(&(&1 =~ "SIGKILL")) == [
             "{true, []}",
             "true",
             "{true, []}",
             "true",
             "true",
             "true",
             "true"
           ]
  end

  test "what is taken after its sender's OS process ended is an error, and nothing else is lost" do
    code =
      @ready <>
        ~S"""
        until.(fn -> Rebeam.call("holder", "ask", "here") == {:ok, true} and
                       match?({:ok, {_, {_, 0}}}, Rebeam.call("here", "kept", nil)) end)
        {:ok, {_, os_pid}} = Rebeam.call("holder", "files", nil)
        here = Rebeam.whereis("here")
        monitor = Process.monitor(holder)
        :sys.suspend(here)
        Rebeam.call("holder", "send", here)
        Rebeam.cast("here", "keep", %Rebeam.Bytes{data: "small"})
        until.(fn -> Process.info(here, :message_queue_len) == {:message_queue_len, 2} end)
        System.cmd("kill", ["-9", "#{os_pid}"])
        receive do {:DOWN, ^monitor, _, _, _} -> :ok end
        :sys.resume(here)
        show.({Rebeam.call("here", "kept", nil), Rebeam.whereis("here") == here})
        """

    assert [refused, "{{:ok, {[5], {0, 0}}}, true}"] = lines(code)
    assert refused =~ ~s(cast "keep" to )
    assert refused =~ "its sender's OS process is gone, and large memory that it lent with it"
  end

  test "from Elixir: answers, and an answer that nobody waits for" do
    code =
      @ready <>
        ~S"""
        show.(Rebeam.call("holder", "echo", large) == {:ok, large})
        show.(until.(fn -> open.() == [] and match?({:ok, {{0, 0}, _}}, Rebeam.call("holder", "files", nil)) end))
        show.(Rebeam.Native.memory_take({1, 2, "rebeam-0123456789abcdef0123456789abcdef", 10}))
        show.(Rebeam.Native.memory_take({1, 2}))
        {file, {pid, descriptor, name, size}} = Rebeam.Native.memory_lend("0123456789")
        {:ok, {_, binary}} = Rebeam.Native.memory_take({pid, descriptor, name, size})
        show.(binary)
        show.(Rebeam.Native.memory_take({pid, descriptor, name, size + 1}))
        show.(Rebeam.Native.memory_take({pid, descriptor, String.reverse(name), size}))
        Rebeam.Native.memory_close(file)
        show.({Rebeam.Native.memory_take({pid, descriptor, name, size}), binary})
        """

    gone = ~s({:error, "it cannot be opened"})

    assert lines(code) == [
             "true",
             "true",
             gone,
             ~s({:error, "malformed address of memory"}),
             ~s("0123456789"),
             gone,
             gone,
             ~s({#{gone}, "0123456789"})
           ]
  end

  test "without descriptors to spare it comes as it did before" do
    program = """
    #{@head}
    import resource
    def driver():
        ready("one")
        resource.setrlimit(resource.RLIMIT_NOFILE, (3, resource.getrlimit(resource.RLIMIT_NOFILE)[1]))
        print(call("one", "echo", LARGE)[1] == LARGE, call("one", "keep", memoryview(LARGE)))
        resource.setrlimit(resource.RLIMIT_NOFILE, (1000, resource.getrlimit(resource.RLIMIT_NOFILE)[1]))
        print(call("one", "kept")[1])
    if __name__ == "__main__":
        Supervisor([child(Holder(), name="one", isolation="process"), child(Holder(), name="here"),
                    child(driver, restart="transient", significant=True)])
    """

    assert Program.lines!(program, options: @units, limit: 100) == [
             "True (<Status.OK: 'ok'>, None)",
             "([3000000], (0, 0))"
           ]
  end
end
