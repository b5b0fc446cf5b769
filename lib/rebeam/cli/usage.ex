defmodule Rebeam.CLI.Usage do
  @moduledoc false

  @text """
  usage: COMMAND [options] main.py [arguments of the script]
         COMMAND [options] -m module | -c code [arguments]
         COMMAND [options]                    a prompt, where actors run while you type
         COMMAND config | doctor | help [TOPIC] | new NAME | cert DIR | replay FILE
         COMMAND WORD [NODE | PID]            of a program that runs: status, top, stack, ...

  Runs a Python program on the BEAM. Options after the script belong to the script, which may also
  be a folder or a zip archive with a __main__.py, a .pyc, or - for standard input. Each option can
  also be set as a variable, --max-restarts as REBEAM_MAX_RESTARTS, or in pyproject.toml, as
  max-restarts in [tool.rebeam]; COMMAND config shows what holds.

  Python:
    --python PATH        the interpreter, or the folder of a virtual environment;
                         else $VIRTUAL_ENV, else a .venv beside the script or in the
                         working folder, else python3 on PATH
    -b -B -d -E -i -I -O -OO -P -q -R -s -S -u -v -W ARG -X ARG
                         mean what they mean to python

  When the supervision tree gives up, or the script fails:
    --restart WHEN       never (default), on-failure or always
    --max-restarts N     give up after N restarts (default 3) within ...
    --max-seconds S      ... S seconds (default 5)

  Where actors run, unless child(..., isolation=) says so:
    --isolation KIND     shared (default): the main interpreter; interpreter: several with
                         a GIL each (CPython 3.12 or newer); process: OS processes
    --workers N          how many interpreters or processes (default: one for each core); with
                         0 processes all such actors are on machines that join
    --unit-memory SIZE   how much memory one such process may hold, as 500M or 2G

  While it runs:
    --watch              load a module again when its file has changed, and change in place
                         what it defined

  Distribution:
    --name NAME@HOST     be a node that others can reach, with a full host name
    --sname NAME         the same with a short host name
    --cookie-file PATH   the secret that nodes share, in a file that only you can read;
                         else $REBEAM_COOKIE, else where Erlang has it (~/.erlang.cookie)
    --cookie TEXT        the same, for every user of this host to see
    --listen ADDRESS     where a named node can be reached: default is the address of its
                         host name, 0.0.0.0 is all of this host's
    --port N             where it listens: others need no epmd then, but --port N too, or the
                         port behind its name: --connect NAME@HOST:N
    --tls DIR            speak TLS with ca.pem, cert.pem and key.pem of that folder, which
                         COMMAND cert DIR makes
    --connect NODE       connect to a node before the script starts; repeatable
    --cluster WHO        stay connected to NODE,NODE..., to those in file:PATH, those at the
                         addresses of dns:HOST, or those found by multicast on this network
    --cluster-size N     how many nodes the cluster is to have: names in it belong to more
                         than half of these (default: of all that were seen)
    --cluster-lease S    after how many seconds without an answer a node counts as gone
                         (default 4), the same on all nodes
    --hidden             connect to those that were named alone, and not to all of theirs
    --reachable no       words such as status do not find this program by themselves

  Looking in (of programs that run: rebeam help):
    --dashboard [PORT]   a web page that shows what runs, for this machine's browsers
                         (default 4040); its address comes on standard error
    --dashboard-control  the page can end actors, and send them messages
    --metrics [HOST:]PORT
                         /metrics for Prometheus, /metrics.json, /health and /ready over
                         HTTP; without a host, for this machine alone

  Logs:
    --log-level LEVEL    debug, info, notice, warning, error, critical, alert,
                         emergency or none
    --log-format FORMAT  text (default) or json, an object a line
    --log-locals         crashes show the local variables where they were raised
    --flight-recorder N  keep the last N messages of each actor, and its state before them; a crash
                         writes them into a file of ./rebeam-crashes, for COMMAND replay
    --warn-blocked S     of handlers that hold a thread for S seconds (default 10; 0: never)

  A program that runs, in another terminal; [NODE | PID] comes first where there are several:
    status               what it is and does
    top | tree | info    what runs, as top shows it; the supervision trees; all in numbers
    stack NAME           where the code of an actor is, with its local variables
    waits | crashes      who waits for whom; the last crashes
    trace NAME           the next messages of an actor, as they come
    reload [MODULE]      load it again, or all modules whose files have changed
    eval CODE            run Python code in it, and print what that prints and ends with
    remote               a prompt inside it; with --elixir, one of Elixir's
    drain                move its actors to the other nodes of its cluster; with --stop, end
                         it then; --undo: it takes new ones again
    stop                 end it as SIGTERM does, wait, and say with which status it ended

  More machines for a program with a name, on each of them:
    join NODE            lend this machine to it, until SIGTERM: units of its actors run here
      --workers N        how many (default: one for each core)
      --label LABEL      what child(..., where=LABEL) means; repeatable
      --name, --sname    what this machine is called; --cookie-file, --tls, --listen, --python and
                         --unit-memory as above

  Other:
    --version            show the version
    --help               show this text
    --                   the next argument is the script
  """

  @doc "What `--help` shows."
  @spec text :: String.t()
  def text, do: String.replace(@text, "COMMAND", command())

  @doc "Its parts, by their titles."
  @spec parts :: [{String.t(), String.t()}]
  def parts do
    for part <- String.split(text(), "\n\n"),
        [title, lines] <- [String.split(part, ":\n", parts: 2)],
        do: {title, String.trim_trailing(lines)}
  end

  @doc "What the user typed to come here."
  @spec command :: String.t()
  def command do
    if :init.get_argument(:launched) == :error, do: "mix rebeam.run", else: "rebeam"
  end
end
