"""Names of processes of Erlang's and Elixir's own are free for actors, and reach nobody else."""

from rebeam import GenPy, call, cast, receive, run_register_process, whereis


class Logger(GenPy):
    name = "logger"

    @receive("log")
    def log(self, message):
        return message


for name in ("init", "logger", "code_server", "elixir_config"):
    print(name, whereis(name), cast(name, "log", 1), call(name, "log", "lost"))
run_register_process(Logger())
print(call("logger", "log", "kept"))
