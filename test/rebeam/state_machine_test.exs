defmodule Rebeam.StateMachineTest do
  # GenStateMachine as its user sees it. Its order against gen_statem's own is in
  # state_machine/order_test.exs, its errors in state_machine/error_test.exs.
  use ExUnit.Case, async: true

  alias Rebeam.Program

  @door """
  from rebeam import *

  class Door(GenStateMachine):
      initial_state = "locked"

      def __init__(self, name="door"):
          self.name = name
          self.entered = []

      @event("push", state="unlocked")
      def pass_through(self, message):
          return next_state("locked", response_ok(["through", message]))

      @event("push", state="locked")
      def refused(self):
          return response_error("locked")

      @event("coin", state="locked")
      def unlock(self, message):
          return next_state("unlocked", timeout=message)

      @event("later", state="locked")
      def hold(self):
          return postpone()

      @event("later", state="unlocked")
      def now(self, message):
          return message

      @event("look")
      def look(self, source, subject, current, status):
          return [self.state, current, subject, status, source == whereis("drive")]

      @event("history")
      def history(self):
          return self.entered

      @timeout(state="unlocked")
      def relock(self):
          return next_state("locked")

      @enter("locked")
      def lock(self, previous, current):
          self.entered.append([previous, current])
  """

  defp lines!(program, options \\ []), do: Program.lines!(program, options)

  # `drive` runs beside a Door; the program ends with it.
  defp door(drive) do
    drive = String.replace(String.trim_trailing(drive), "\n", "\n    ")

    lines!(
      @door <>
        """

        def drive():
            register("drive")
            #{drive}
        Supervisor(modules=[Door(), child(drive, restart="transient", significant=True)])
        """
    )
  end

  test "a turnstile: what an event does depends on the state" do
    assert door("""
           print(call("door", "push"))
           print(call("door", "look"))
           print(call("door", "coin", 5.0))
           print(call("door", "look"))
           print(call("door", "push", {"who": "me"}))
           print(call("door", "look")[1][:2])
           """) == [
             "(<Status.ERROR: 'error'>, 'locked')",
             "(<Status.OK: 'ok'>, ['locked', 'locked', 'look', None, True])",
             "(<Status.OK: 'ok'>, None)",
             "(<Status.OK: 'ok'>, ['unlocked', 'unlocked', 'look', None, True])",
             "(<Status.OK: 'ok'>, ['through', {'who': 'me'}])",
             "['locked', 'locked']"
           ]
  end

  test "the state timeout changes the state, unless the state changed before" do
    assert door("""
           call("door", "coin", 0.1)
           for _ in range(20):       # events do not put it off
               sleep(0.01)
               call("door", "look")
           print(call("door", "look")[1][0])
           call("door", "coin", 0.1)
           call("door", "push")
           call("door", "coin", 10)
           sleep(0.2)                # the first timeout is gone with its state
           print(call("door", "look")[1][0])
           print(call("door", "history")[1])
           """) == [
             "locked",
             "unlocked",
             "[[None, 'locked'], ['unlocked', 'locked'], ['unlocked', 'locked']]"
           ]
  end

  test "what is postponed comes after the change of state, in order, before what came later" do
    program = """
    from rebeam import *

    class Gate(GenStateMachine):
        initial_state = "shut"
        def __init__(self):
            self.log = []
        @event("car", state="shut")
        def wait(self):
            self.log.append("wait")
            return postpone()
        @event("open", state="shut")
        def open(self):
            return next_state("open")
        @event("car", state="open")
        def enter(self, message):
            self.log.append(message)
            return message * 10
        @event("shut", state="open")
        def shut(self):
            return next_state("shut")
        @event("log")
        def all(self):
            log, self.log = self.log, []
            return log

    def car(gate, number, out):
        def run():
            out.append(call(gate, "car", number))
        return child(run, restart="temporary")

    def drive():
        gate = run_register_process(Gate())
        answers = []
        for number in range(5):
            run_register_process(car(gate, number, answers))
            while len(call(gate, "log")[1]) == 0:
                sleep(0.001)
        cast(gate, "car", 5)
        cast(gate, "open")
        cast(gate, "car", 6)
        while len(answers) < 5:
            sleep(0.001)
        print(call(gate, "log")[1])
        print(sorted(response for _, response in answers))
        cast(gate, "shut")
        cast(gate, "car", 7)
        cast(gate, "car", 8)
        print(call(gate, "log")[1])
        cast(gate, "open")
        print(call(gate, "log")[1])
    Supervisor(modules=[child(drive, restart="transient", significant=True)])
    """

    assert lines!(program) == [
             "['wait', 0, 1, 2, 3, 4, 5, 6]",
             "[0, 10, 20, 30, 40]",
             "['wait', 'wait']",
             "[7, 8]"
           ]
  end

  # The example that OTP's documentation of gen_statem begins with.
  test "a lock with a code: buttons, a timeout that clears them, and one that locks again" do
    program = """
    from rebeam import *

    class Lock(GenStateMachine):
        name = "lock"
        initial_state = "locked"

        def __init__(self, code):
            self.code = code
            self.buttons = []

        @enter("locked")
        def locked(self):
            self.buttons.clear()

        @event("button", state="locked")
        def press(self, message):
            self.buttons = [*self.buttons, message][-len(self.code):]
            if self.buttons == self.code:
                return next_state("open", timeout=0.6)
            return keep_state(timeout=1.2)

        @timeout(state="locked")
        def clear(self):
            self.buttons.clear()

        @event("button", state="open")
        def keep(self):
            return postpone()

        @timeout(state="open")
        def lock(self):
            return next_state("locked")

        @event("state")
        def show(self, current):
            return [current, self.buttons]

    def press(*buttons):
        for button in buttons:
            cast("lock", "button", button)

    def drive():
        press(1, 2, 3)
        print(call("lock", "state")[1])
        sleep(1.6)
        print(call("lock", "state")[1])
        press(9, 4, 1, 2)
        print(call("lock", "state")[1])
        press(4, 1)                       # postponed until it is locked
        sleep(1.0)
        print(call("lock", "state")[1])
        press(2)
        print(call("lock", "state")[1])
    Supervisor(modules=[Lock([4, 1, 2]), child(drive, restart="transient", significant=True)])
    """

    assert lines!(program) == [
             "['locked', [1, 2, 3]]",
             "['locked', []]",
             "['open', [4, 1, 2]]",
             "['locked', [4, 1]]",
             "['open', [4, 1, 2]]"
           ]
  end

  test "a connection that is tried again, later each time, and serves what waited for it" do
    program = """
    import socket, threading, time
    from rebeam import *

    class Connection(GenStateMachine):
        name = "connection"
        initial_state = "disconnected"
        states = ("disconnected", "connected")

        def __init__(self, port):
            self.port = port
            self.socket = None
            self.delay = 0.02
            self.delays = []

        @enter("disconnected")
        def plan(self):
            self.delays.append(self.delay)
            return keep_state(timeout=self.delay)

        @timeout(state="disconnected")
        def connect(self):
            try:
                self.socket = socket.create_connection(("127.0.0.1", self.port))
            except OSError:
                self.delay *= 2
                return repeat_state()
            self.delay = 0.02
            return next_state("connected")

        @event("request", state="disconnected")
        def wait(self):
            return postpone()

        @event("request", state="connected")
        def request(self, message):
            try:
                self.socket.sendall(message)
                answer = self.socket.recv(100)
            except ConnectionError:
                answer = b""
            if not answer:
                self.socket.close()
                return next_state("disconnected", postpone=True)
            return answer

        @event("delays")
        def tell(self, current):
            return [current, self.delays]

        @stop()
        def close(self):
            self.socket.close()

    def serve(listener, answers):
        for answer in answers:
            client, _ = listener.accept()
            while answer > 0 and (data := client.recv(100)):
                client.sendall(data.upper())
                answer -= 1
            client.close()

    def drive():
        listener = socket.socket()
        listener.bind(("127.0.0.1", 0))     # bound, and not yet listening: refused
        run_register_process(Connection(listener.getsockname()[1]))
        while len(call("connection", "delays")[1][1]) < 3:
            sleep(0.01)
        listener.listen()
        threading.Thread(target=serve, args=(listener, [2, 1]), daemon=True).start()
        print(call("connection", "request", b"one"))
        state, delays = call("connection", "delays")[1]
        print(state, delays == [0.02 * 2**n for n in range(len(delays))])
        print(call("connection", "request", b"two"))
        print(call("connection", "request", b"three"))    # sent again, on a new connection
        state, after = call("connection", "delays")[1]
        print(state, after[len(delays):])
    Supervisor(modules=[child(drive, restart="transient", significant=True)])
    """

    assert lines!(program) == [
             "(<Status.OK: 'ok'>, b'ONE')",
             "connected True",
             "(<Status.OK: 'ok'>, b'TWO')",
             "(<Status.OK: 'ok'>, b'THREE')",
             "connected [0.02]"
           ]
  end

  test "@enter runs for changes of state and for repeat_state, before any other event" do
    program = """
    from rebeam import *

    class Machine(GenStateMachine):
        def __init__(self):
            self.initial_state = "a"
            self.log = []
        @start()
        def begin(self):
            self.log.append(["start", self.state])
        @enter("a", "b")
        def named(self, previous, current):
            self.log.append([previous, current, self.state])
        @enter()
        def other(self, previous, current):
            self.log.append(["other", previous, current])
        @event(("a", "b", "c"))
        def go(self, subject):
            self.log.append("go " + subject)
            return next_state(subject, timeout=0)
        @event("repeat")
        def repeat(self):
            return repeat_state("repeated")
        @event("keep")
        def keep(self):
            return keep_state("kept")
        @timeout()
        def at_once(self, current):
            self.log.append("timeout in " + current)
        @event("log")
        def all(self):
            return self.log
        states = ("a", "b", "c")

    def drive():
        machine = run_register_process(Machine())
        for subject in ("a", "b", "keep", "repeat", "c", "a"):
            cast(machine, subject)
        print(call(machine, "repeat"), call(machine, "keep"))
        for entry in call(machine, "log")[1]:
            print(entry)
    Supervisor(modules=[child(drive, restart="transient", significant=True)])
    """

    assert lines!(program) == [
             "(<Status.OK: 'ok'>, 'repeated') (<Status.OK: 'ok'>, 'kept')",
             "['start', 'a']",
             "[None, 'a', 'a']",
             "go a",
             "timeout in a",
             "go b",
             "['a', 'b', 'b']",
             "timeout in b",
             "['b', 'b', 'b']",
             "go c",
             "['other', 'b', 'c']",
             "timeout in c",
             "go a",
             "['c', 'a', 'a']",
             "timeout in a",
             "['a', 'a', 'a']"
           ]
  end

  test "timeouts with names outlive the state, and start afresh or are cancelled by name" do
    program = """
    import math, time
    from rebeam import *

    class Timers(GenStateMachine):
        initial_state = "a"
        states = ("a", "b")
        def __init__(self):
            self.log = []
        @event("set")
        def set(self, message):
            return keep_state(timeouts=message)
        @event("go")
        def go(self, message):
            return next_state(message)
        @event("state timeout")
        def state_timeout(self, message):
            return keep_state(timeout=message)
        @event("quiet")
        def quiet(self, message):
            return keep_state(event_timeout=message)
        @timeout(name="x")
        def x(self, name, current):
            self.log.append([name, current])
        @timeout(name="y", state="b")
        def y(self, **given):
            self.log.append(given)
            return keep_state(timeouts={"x": 0})
        @timeout()
        def own(self, name, current):
            self.log.append([name, current])
        @timeout(event=True)
        def silence(self):
            self.log.append("silence")
        @event("log")
        def all(self):
            log, self.log = self.log, []
            return log

    def drive():
        timers = run_register_process(Timers())
        log = lambda: call(timers, "log")[1]
        call(timers, "set", {"x": 0.05, "y": 0.3})
        call(timers, "go", "b")
        sleep(0.5)
        first = log()
        print(sorted(first[:2], key=str), first[2:])
        call(timers, "set", {"x": 0.3, "y": 5})
        call(timers, "set", {"x": None, "y": math.inf})
        sleep(0.5)
        print(log())
        call(timers, "set", {"x": 1.0})
        sleep(0.6)
        call(timers, "set", {"x": 1.0})        # afresh
        sleep(0.6)
        print(log())
        sleep(0.8)
        print(log())
        call(timers, "state timeout", 0.05)
        sleep(0.1)
        print(log())
        call(timers, "state timeout", 0.2)
        call(timers, "state timeout", math.inf)
        sleep(0.3)
        print(log())
        call(timers, "quiet", 0.05)
        sleep(0.1)
        call(timers, "quiet", 0.2)
        print(log())                           # an event: no silence
        sleep(0.3)
        print(log())
    Supervisor(modules=[child(drive, restart="transient", significant=True)])
    """

    assert lines!(program) == [
             "[['x', 'b'], {'name': 'y', 'current': 'b'}] [['x', 'b']]",
             "[]",
             "[]",
             "[['x', 'b']]",
             "[[None, 'b']]",
             "[]",
             "['silence']",
             "[]"
           ]
  end

  test "casts: the sender hears the response, also of what was postponed; else the log hears errors" do
    program =
      @door <>
        """

        class Sender(GenPy):
            name = "sender"
            def __init__(self):
                self.heard = []
            @receive("send")
            def send_on(self, message):
                subject, what = message
                return cast("door", subject, what, sender_pid=self_pid())
            @receive("heard")
            def all(self):
                return self.heard
            @receive()
            def response(self, subject, message, status, source):
                self.heard.append([subject, message, str(status), source])

        def drive():
            for subject, what in (("push", 1), ("later", 2), ("coin", 5), ("push", 3), ("nope", 4)):
                call("sender", "send", [subject, what])
            while len(call("sender", "heard")[1]) < 5:
                sleep(0.001)
            for each in call("sender", "heard")[1]:
                print(each)
            cast("door", "push")
            cast("door", "other")
            call("door", "look")
        Supervisor(modules=[Door(), Sender(), child(drive, restart="transient", significant=True)])
        """

    result = Program.run(program)
    assert result.status == 0

    assert String.split(result.out, "\n", trim: true) == [
             "['push', 'locked', 'error', None]",
             "['coin', None, 'ok', None]",
             "['later', 2, 'ok', None]",
             "['push', ['through', 3], 'ok', None]",
             ~s(['nope', "Door takes no 'nope' in state 'locked' \(it takes: 'coin', 'history', ) <>
               ~s('later', 'look', 'push'\)", 'error', None])
           ]

    assert [_, _] = Regex.scan(~r/\[warning\]/, result.err)
    assert result.err =~ ~r/cast "push" to #PID<[\d.]+> in state "locked" failed: "locked"/
    assert result.err =~ ~r/cast "other" to .* failed: "Door takes no 'other' in state 'locked'/
  end

  test "handlers are inherited by subject and state, and found by subject first" do
    program = """
    from rebeam import *

    class Mixin:
        @event("mixed")
        def mixed(self):
            return "mixin"

    class Base(GenStateMachine):
        initial_state = "a"
        @event("x", state=("a", "b"))
        def x(self):
            return "base x"
        @event("y")
        def y(self):
            return "base y"
        @event("overridden")
        def plain(self):
            return "base"
        @event("go")
        def go(self, message):
            return next_state(message, "gone")
        @event(state="a")
        def rest(self, subject):
            return f"rest of a: {subject}"
        @event()
        def other(self, subject, current):
            return f"other: {subject} in {current}"

    class Derived(Mixin, Base):
        @event("x", state="b")
        def renamed(self):
            return f"derived x, {super().x()}"
        @event("y", state="a")
        def y_in_a(self):
            return "derived y in a"
        def plain(self):
            return f"derived, {super().plain()}"
        @event("lambda")
        def wrapped(self):
            return 1

    def drive():
        for cls in (Base, Derived):
            machine = run_register_process(cls)
            for state in ("a", "b"):
                print(call(machine, "go", state)[1])
                for subject in ("x", "y", "overridden", "mixed", "z"):
                    print(cls.__name__, state, call(machine, subject)[1])
    Supervisor(modules=[child(drive, restart="transient", significant=True)])
    """

    assert lines!(program) == [
             "gone",
             "Base a base x",
             "Base a base y",
             "Base a base",
             "Base a rest of a: mixed",
             "Base a rest of a: z",
             "gone",
             "Base b base x",
             "Base b base y",
             "Base b base",
             "Base b other: mixed in b",
             "Base b other: z in b",
             "gone",
             "Derived a base x",
             "Derived a derived y in a",
             "Derived a derived, base",
             "Derived a mixin",
             "Derived a rest of a: z",
             "gone",
             "Derived b derived x, base x",
             "Derived b base y",
             "Derived b derived, base",
             "Derived b mixin",
             "Derived b other: z in b"
           ]
  end

  test "@info may change the state; plain messages come whole" do
    program = """
    from rebeam import *

    class Machine(GenStateMachine):
        name = "machine"
        initial_state = "idle"
        states = ("idle", "told")
        @info()
        def note(self, message, current):
            self.note = [message, current]
            return next_state("told")
        @event("ask")
        def ask(self):
            return [self.state, self.note]

    class Deaf(GenStateMachine):
        name = "deaf"
        initial_state = "idle"
        @event("ask")
        def ask(self):
            return self.state

    def drive():
        send("machine", {"plain": [1, ("two",)]})
        print(call("machine", "ask"))
        send("deaf", 1)
        print(call("deaf", "ask"))
    Supervisor(modules=[Machine, Deaf, child(drive, restart="transient", significant=True)])
    """

    assert lines!(program) == [
             "(<Status.OK: 'ok'>, ['told', [{'plain': [1, ('two',)]}, 'idle']])",
             "(<Status.OK: 'ok'>, 'idle')"
           ]
  end

  test "a class, an instance, a script, under names and supervisors, wherever an actor may be" do
    script = """
    from rebeam import GenStateMachine, event, next_state
    class Scripted(GenStateMachine):
        initial_state = "off"
        states = ("off", "on")
        @event("press")
        def press(self, current):
            return next_state("on" if current == "off" else "off", current)
    """

    program = """
    from rebeam import *
    from scripted import Scripted

    def drive():
        print(registered())
        for name in ("path", "class", "instance"):
            print(name, call(name, "press"), call(name, "press"))
        run_register_process("scripted.py", name="now")
        print(call("now", "press"))
        try:
            run_register_process(Scripted(), name="now")
        except RuntimeError as error:
            print(str(error).split("#")[0])
    tree = Supervisor(modules=[child("scripted.py", name="path"), child(Scripted, name="class")])
    Supervisor(modules=[tree, child(Scripted(), name="instance"),
                        child(drive, restart="transient", significant=True)])
    """

    folder = Program.folder(%{"main.py" => program, "scripted.py" => script})

    assert lines!(Path.join(folder, "main.py"), cd: folder) == [
             "['class', 'instance', 'path']",
             "path (<Status.OK: 'ok'>, 'off') (<Status.OK: 'ok'>, 'on')",
             "class (<Status.OK: 'ok'>, 'off') (<Status.OK: 'ok'>, 'on')",
             "instance (<Status.OK: 'ok'>, 'off') (<Status.OK: 'ok'>, 'on')",
             "(<Status.OK: 'ok'>, 'off')",
             "its name is taken by "
           ]
  end
end
