defmodule Rebeam.Actor.LinkTest do
  # Links: the same reasons, to the same processes, as in OTP.
  use ExUnit.Case, async: true

  import Rebeam.Judge, only: [lines: 1, python: 1, run: 1]

  alias Rebeam.Otp

  @reasons [{"boom", "boom"}, {"normal", :normal}, {"shutdown", :shutdown}, {"kill", :kill}]

  test "the end of a linked process" do
    program = """
    for kind in (Plain, Trapping):
        for reason in ("boom", "normal", "shutdown", "kill"):
            pid = begin(kind)
            cast(pid, "do", ("linked_end", reason))
            print(fate(pid))
    """

    otp =
      for trap? <- [false, true], {_, reason} <- @reasons do
        if reason == :kill, do: Otp.linked_to_killed(trap?), else: Otp.linked(trap?, reason)
      end

    assert lines(program) == Enum.map(otp, &python/1)
  end

  test "a link to a process that is gone is the signal noproc" do
    program = """
    for kind in (Plain, Trapping, Stopping):
        pid = begin(kind)
        cast(pid, "do", ("link_to_dead",))
        print(fate(pid))
    """

    assert lines(program) ==
             [python(Otp.link_to_dead(false)), python(Otp.link_to_dead(true))] ++
               ["stop noproc", "('noproc', [])"]
  end

  test "a failure goes through a chain of links, with its traceback" do
    program = """
    def fail():
        sleep(0.05)
        raise ValueError("deep")
    chain = [begin(Stopping if n % 2 else Plain) for n in range(4)]
    for left, right in zip(chain, chain[1:]):
        call(left, "do", ("link", right))
    bystander = begin(Plain)
    call(bystander, "do", ("link", chain[2]))
    call(bystander, "do", ("unlink", chain[2]))
    call(chain[0], "do", ("spawn_link", fail))
    sleep(0.2)
    for pid in chain:
        end, _ = fate(pid)
        print(end.splitlines()[0], end.splitlines()[-1])
    print(is_alive(bystander))
    """

    result = run(program)
    fate = "Traceback (most recent call last): ValueError: deep\n"
    assert result.status == 0
    assert result.out =~ String.duplicate(fate, 4) <> "True\n"
    # Once, by the process whose failure it was.
    assert [_, _] = String.split(result.err, "ValueError: deep")
    refute result.err =~ "terminating"
  end

  test "a signal cuts a call short: finally blocks run, the caller hears why" do
    program = """
    class Cut(Plain):
        name = "cut"
        @receive("ask")
        def ask(self, message):
            spawn_link(self.fail)
            try:
                return call(message, "wait", 10, timeout=None)
            finally:
                print("finally")
        def fail(self):
            sleep(0.05)
            exit(self_pid(), "cut it")
    class CutStop(Cut):
        @stop()
        def cleanup(self, reason):
            print("stop", reason)
    slow = begin(Plain)
    for kind in (Cut, CutStop):
        pid = begin(kind)
        print(*call(pid, "ask", slow))
        sleep(0.1)
    """

    assert lines(program) |> Enum.sort() ==
             Enum.sort(["finally", "down cut it", "finally", "stop cut it", "down cut it"])
  end

  test "bad targets and reasons; where no signals arrive" do
    program = """
    def attempt(function, *args):
        try:
            print(function(*args))
        except Exception as error:
            print(type(error).__name__, error)
    pid = begin(Plain)
    for args in ((pid, 3), (pid, None), (pid, b"x"), (3,), (3.5,), ("nobody", "boom")):
        attempt(exit, *args)
    print(call(pid, "do", ("exit", "nobody", "x")))
    class Caller(GenPy):
        name = "caller"
        @receive("all")
        def all(self):
            attempt(link, "nobody")
            attempt(unlink, "nobody")
            attempt(link, 3.5)
            attempt(link, self_pid())
            attempt(exit, self_pid(), "\\ud800")
    begin(Caller)
    call("caller", "all")
    attempt(link, pid)
    def thread():
        attempt(unlink, pid)
        attempt(trap_exit)
    other = threading.Thread(target=thread)
    other.start()
    other.join()
    """

    nowhere = "works in actors and spawned functions: here is no process that takes signals"
    script = "rebeam.exit(target, reason) ends a process; sys.exit ends a script"

    assert [
             "TypeError an exit reason is a str, not 3",
             "TypeError an exit reason is a str, not None",
             "TypeError an exit reason is a str, not b'x'",
             "TypeError " <> ^script,
             "TypeError no target: 3.5",
             "False",
             "(<Status.OK: 'ok'>, False)",
             "ValueError link: no process is registered as \"nobody\"",
             "None",
             "TypeError no target: 3.5",
             "None",
             "UnicodeEncodeError " <> _,
             "RuntimeError link " <> ^nowhere,
             "RuntimeError unlink " <> ^nowhere,
             "RuntimeError trap_exit " <> ^nowhere
           ] = lines(program)
  end

  test "storms: what is linked with one that dies, dies, and nothing stays" do
    program = """
    def rest():
        sleep(60)
    class Hub(GenPy):
        @receive("go")
        def go(self, message):
            pids = [spawn_link(rest) for _ in range(message)]
            for pid in pids:
                unlink(pid)
                link(pid)
            return pids
    before = counts()
    for _ in range(3):
        hub = begin(Hub)
        pids = call(hub, "go", 1000, timeout=60)[1]
        exit(pids[500], "storm")
        while any(is_alive(pid) for pid in pids):
            sleep(0.01)
        print(fate(hub)[0])
    del pids, hub
    print(settled(before))
    """

    assert lines(program) == ["storm", "storm", "storm", "baseline"]
  end
end
