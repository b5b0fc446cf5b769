import asyncio

from async_actors import Slow, helper
from waiting import wait_until

from rebeam import (
    GenPy,
    ProcessID,
    Supervisor,
    call,
    child,
    receive,
    run_register_process,
    start,
    whereis,
)

port_of_the_first = 0


class Web(GenPy):
    name = "web"

    @start()
    async def listen(self):
        global port_of_the_first
        self.server = await asyncio.start_server(self.serve, "127.0.0.1", port_of_the_first)
        self.port = port_of_the_first = self.server.sockets[0].getsockname()[1]

    async def serve(self, reader, writer):
        request = (await reader.readline()).decode()
        while (await reader.readline()).strip():
            pass
        answer = self.answer(request.split()[1])
        writer.write(f"HTTP/1.0 200 OK\r\n\r\n{answer}".encode())
        await writer.drain()
        writer.close()

    def answer(self, path):
        number = int(path[1:])
        return f"{helper(number, 0.02)} {ProcessID() == whereis('web')}"

    @receive("port")
    def which(self):
        return self.port

    @receive("crash")
    async def crash(self):
        raise RuntimeError("crash")


class Browser(GenPy):
    @receive("go")
    async def go(self, message):
        async def get(n):
            reader, writer = await asyncio.open_connection("127.0.0.1", message)
            writer.write(f"GET /{n} HTTP/1.0\r\n\r\n".encode())
            text = (await reader.read()).decode()
            writer.close()
            return text.split("\r\n\r\n")[1]

        return await asyncio.gather(*map(get, range(20)))


def main():
    browser = run_register_process(Browser())
    port = call("web", "port")[1]
    print(call(browser, "go", port, timeout=20)[1] == [f"{2 * n} True" for n in range(20)])
    print(call("web", "crash")[0].value)
    wait_until(lambda: call("web", "port")[0])
    print(call("web", "port")[1] == port, call(browser, "go", port, timeout=20)[1][7])


Supervisor([Slow, Web, child(main, restart="transient", significant=True)])
