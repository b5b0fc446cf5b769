defmodule Rebeam.Actor.AsyncEndTest do
  # What actors have in the loop, and that it ends with them.
  use ExUnit.Case, async: true

  import Rebeam.AsyncProgram

  test "the end of an actor cancels its task: shutdown, crash of a sibling, kill" do
    program = """
    class Long(GenPy):
        def __init__(self, name): self.name = name
        @receive("long")
        async def long(self, message):
            asyncio.create_task(self.beside(message))
            try:
                await asyncio.sleep(100) if message != "call" else helper(1, 0.6)
            except BaseException as error:
                print(self.name, type(error).__name__, flush=True)
                raise
            finally:
                await asyncio.sleep(0.01)
                print(self.name, "finally", flush=True)
        async def beside(self, message):
            try:
                await asyncio.sleep(100)
            finally:
                print(self.name, "task", flush=True)
        @receive("ok")
        async def ok(self): return "fine"
        @stop()
        async def end(self, reason):
            await asyncio.sleep(0.01)
            print(self.name, "stop", reason.split("\\n")[0], flush=True)

    class Killer(GenPy):
        name = "killer"
        @receive("die")
        def die(self): sys.exit(3)

    run_register_process(Slow())
    def main():
        before = counts()
        for name, message in (("b", "sleep"), ("c", "call"), ("k", "sleep")):
            cast(name, "long", message)
        sleep(0.2)
        cast("killer", "die")
        sleep(0.7)
        print([call(name, "ok")[1] for name in "bck"])
        print(settled(before))
    inner = Supervisor([Long("b"), Long("c"), child(Long("k"), shutdown="brutal_kill"), Killer],
                       strategy=ONE_FOR_ALL, max_restarts=5)
    run_register_process(inner)
    cast(run_register_process(Long("a")), "long", "sleep")
    sleep(0.2)
    class Main(GenPy):
        @receive("main")
        def main(self): main()
    call(run_register_process(Main()), "main", timeout=30)
    """

    result = run(program)
    assert result.status == 0
    out = String.split(result.out, "\n", trim: true)

    assert "['fine', 'fine', 'fine']" in out
    assert "baseline" in out
    # Killed, it has no time for @stop; its task is cancelled all the same.
    assert Enum.filter(out, &String.starts_with?(&1, "k ")) |> Enum.sort() ==
             ["k CancelledError", "k finally", "k task"]

    for name <- ["a", "b", "c"] do
      mine = for line <- out, String.starts_with?(line, name <> " "), do: line
      assert "#{name} CancelledError" in mine
      assert "#{name} finally" in mine
      assert "#{name} task" in mine
      stop = Enum.find_index(mine, &(&1 =~ " stop "))
      assert Enum.find_index(mine, &(&1 == "#{name} finally")) < stop
    end
  end

  test "an HTTP server as an actor: its connections call other actors; it is closed with it" do
    program = """
    class Web(GenPy):
        name = "web"
        @start()
        async def listen(self):
            self.server = await asyncio.start_server(self.serve, "127.0.0.1", int(sys.argv[1]))
            self.port = self.server.sockets[0].getsockname()[1]
        async def serve(self, reader, writer):
            request = (await reader.readline()).decode()
            while (await reader.readline()).strip():
                pass
            answer = self.answer(request.split()[1])
            writer.write(f"HTTP/1.0 200 OK\\r\\n\\r\\n{answer}".encode())
            await writer.drain()
            writer.close()
        def answer(self, path):
            number = int(path[1:])
            return f"{helper(number, 0.1)} {ProcessID() == whereis('web')}"
        @receive("port")
        def which(self): return self.port
        @receive("crash")
        async def crash(self): raise RuntimeError("crash")

    class Browser(GenPy):
        @receive("go")
        async def go(self, message):
            async def get(n):
                reader, writer = await asyncio.open_connection("127.0.0.1", message)
                writer.write(f"GET /{n} HTTP/1.0\\r\\n\\r\\n".encode())
                text = (await reader.read()).decode()
                writer.close()
                return text.split("\\r\\n\\r\\n")[1]
            return await asyncio.gather(*map(get, range(20)))

    def main():
        browser = run_register_process(Browser())
        port = call("web", "port")[1]
        print(call(browser, "go", port, timeout=20)[1] == [f"{2 * n} True" for n in range(20)])
        print(call("web", "crash")[0].value)
        sleep(0.3)
        print(call("web", "port")[1] == port, call(browser, "go", port, timeout=20)[1][7])

    import http.server, socket
    Supervisor([Slow, Web, child(main, restart="transient", significant=True)])
    """

    {:ok, socket} = :gen_tcp.listen(0, reuseaddr: true)
    {:ok, port} = :inet.port(socket)
    :gen_tcp.close(socket)
    result = run(program, args: ["#{port}"])
    assert String.split(result.out, "\n", trim: true) == ["True", "down", "True 14 True"]
    assert result.status == 0
  end

  test "subprocesses, queues and locks of asyncio work" do
    program = """
    class Uses(GenPy):
        @receive("go")
        async def go(self):
            process = await asyncio.create_subprocess_exec(
                sys.executable, "-c", "print(input()[::-1])", stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE)
            out, _ = await process.communicate(b"hello\\n")
            queue, lock = asyncio.Queue(), asyncio.Lock()
            async def produce(n):
                async with lock:
                    helper(n)
                    await queue.put(n)
            async with asyncio.TaskGroup() as group:
                for n in range(10):
                    group.create_task(produce(n))
            return out, process.returncode, [queue.get_nowait() for _ in range(10)]

    run_register_process(Slow())
    print(call(run_register_process(Uses()), "go", timeout=20))
    """

    assert lines!(program) == [
             "(<Status.OK: 'ok'>, (b'olleh\\n', 0, [0, 1, 2, 3, 4, 5, 6, 7, 8, 9]))"
           ]
  end

  test "the program ends in order, and soon, whatever is left in the loop" do
    program = """
    class Leaves(GenPy):
        name = "leaves"
        @start()
        async def boot(self):
            asyncio.create_task(self.forever())
            self.numbers = numbers()
            await anext(self.numbers)
        async def forever(self):
            try:
                await asyncio.sleep(1000)
            finally:
                print("cancelled", flush=True)
        @receive("stubborn")
        async def stubborn(self):
            asyncio.get_running_loop().create_task(stubborn(), context=__import__("contextvars").Context())
    async def numbers():
        try:
            yield 1
        finally:
            print("generator closed", flush=True)
    async def stubborn():
        while True:
            try:
                await asyncio.sleep(1000)
            except asyncio.CancelledError:
                pass
    def main():
        cast("leaves", "stubborn")
        sleep(0.1)
    Supervisor([Leaves, child(main, restart="transient", significant=True)])
    """

    begun = System.monotonic_time(:millisecond)
    assert Enum.sort(lines!(program)) == ["cancelled", "generator closed"]
    assert System.monotonic_time(:millisecond) - begun < 20_000
    # And when nothing resists.
    program = String.replace(program, ~s{cast("leaves", "stubborn")}, "None")
    assert Enum.sort(lines!(program)) == ["cancelled", "generator closed"]
  end

  test "loops of the user's own, and threads of the loop, hear of the end too" do
    program = """
    class Runs(GenPy):
        def __init__(self, name): self.name = name
        @receive("loop")
        def loop(self):
            async def main():
                try:
                    await asyncio.gather(call_async("slow", "twice", (5, 1)), asyncio.sleep(0.01))
                except BaseException as error:
                    print(self.name, type(error).__name__, flush=True)
                    raise
            asyncio.run(main())
        @receive("thread")
        async def thread(self):
            def wait():
                try:
                    call("slow", "twice", (5, 1))
                except BaseException as error:
                    print(self.name, type(error).__name__, flush=True)
                    raise
            await asyncio.to_thread(wait)
    def main():
        cast("loop", "loop")
        cast("thread", "thread")
        sleep(0.3)
    Supervisor([Slow, Runs("loop"), Runs("thread"), child(main, restart="transient", significant=True)])
    """

    begun = System.monotonic_time(:millisecond)
    assert Enum.sort(lines!(program)) == ["loop ActorExit", "thread ActorExit"]
    assert System.monotonic_time(:millisecond) - begun < 5_000
  end
end
