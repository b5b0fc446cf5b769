defmodule Rebeam do
  @moduledoc ~S'''
  Python actors on the BEAM, as Elixir sees them.

  A Python program that stands alone starts with `mix rebeam.run main.py`. In an Elixir
  application a script is a child like any other:

      children = [
        {Rebeam, script: "python/main.py", args: ["--fast"], name: MyApp.Python}
      ]

      Supervisor.start_link(children, strategy: :one_for_one)

  and its actors are asked by their names. Pasted into IEx:

      iex> path = Path.join(System.tmp_dir!(), "rebeam_counter.py")
      iex> File.write!(path, """
      ...> from rebeam import GenPy, Supervisor, receive, response_error
      ...>
      ...> class Counter(GenPy):
      ...>     def __init__(self, first):
      ...>         self.name, self.n = "doc_counter", first
      ...>     @receive("add")
      ...>     def add(self, message):
      ...>         if message < 0:
      ...>             return response_error("never down")
      ...>         self.n += message
      ...>         return self.n
      ...>
      ...> Supervisor(modules=[Counter(10)])
      ...> """)
      iex> {:ok, script} = Rebeam.start_link(script: path)
      iex> Rebeam.call("doc_counter", "add", 2)
      {:ok, 12}
      iex> Rebeam.call("doc_counter", "add", -1)
      {:error, "never down"}
      iex> Rebeam.cast("doc_counter", "add", 30)
      true
      iex> Rebeam.call("doc_counter", "add", 0)
      {:ok, 42}
      iex> GenServer.stop(script)
      iex> Rebeam.call("doc_counter", "add", 1)
      {:down, "noproc"}

  `Rebeam.GenPy` starts one Python actor without a script; `Rebeam.Server` is for Elixir
  processes that Python calls. What values become on the way is `Rebeam.Value`'s table.

  ## A script as a child

  `start_link/1` runs the body of the script on Python's main thread, as `python main.py`
  would (`__name__ == "__main__"`, `sys.argv`), then starts the supervisors that the body
  made, and then returns. The process stands for these trees:

    * shut down by its supervisor, it shuts them down in order, the last one first; `@stop`
      callbacks run
    * when a tree gives up, it logs the Python traceback and ends with
      `{:gave_up, child, reason}`; `reason` is `{%Rebeam.PythonError{}, []}` if that child raised
    * when all trees have ended in order, so does it, with `:normal`

  A body that raises is `{:error, {%Rebeam.PythonError{}, []}}`, and does not kill who started it; nothing
  is left of it. `sys.exit(3)` is `{:error, {:system_exit, 3}}`, a tree that does not start is OTP's own error of that
  supervisor. A body that leaves nothing to supervise (`sys.exit(0)`, or no `Supervisor`) is
  `:ignore`: the child counts as started, and is not started again.

  With `start: :async` nobody waits for the body and its trees: `start_link/1` returns at once, and a
  failure is what the process ends with.

  It may be started again: the body runs afresh in a new `__main__`, as its file is then. Python itself
  stays, and so do the modules that the body imported, unless one of its folder has changed.

  What Python prints goes to the group leader of who started the script.

  ## One Python, several scripts

  A VM has one Python. The first child that needs it starts it, under the interpreter of the
  option `:python`, else of `config :rebeam, python: "..."`, else as `mix rebeam.run` finds it
  (`$REBEAM_PYTHON`, `$VIRTUAL_ENV`, a `.venv` beside the script or in the working folder,
  `python3`). Bodies run one after the other, each in a `__main__` of its own: names, classes
  and functions of one script are not another's. Each imports what is in its own folder, also
  where another script's has a module of the same name: the later one is then in `sys.modules`
  under a longer name, and `importlib.import_module` gives the earlier one. All other modules
  are shared, and so are `sys.path`, in which every script's folder is, the working folder, the
  environment, signal handlers, `logging`, and what the last body set: `sys.argv` and
  `sys.modules["__main__"]`. A body should keep of these what its actors need later. When the
  next script takes `sys.modules["__main__"]`, the classes of the one before get another
  `__module__`, by which their instances can be sent as before.
  '''

  alias Rebeam.{Deadline, Names, Nodes, Options, PythonError, Session, Units, Value}
  alias Rebeam.Front.StandIn
  alias Rebeam.Message.{Loans, Mailbox, Watch}
  alias Rebeam.Program.Script
  alias Rebeam.Python.Runtime
  alias Rebeam.Value.Codec

  @typedoc """
  Who is meant: a process, the name of a Python process (a string), such a name on another
  node, or any name that `GenServer.call/3` takes.
  """
  @type target :: pid | String.t() | {String.t(), node} | GenServer.server()

  @typedoc "`:ok` and `:error` come with what the handler answered."
  @type result :: {:ok, term} | {:error, term} | {:timeout, nil} | {:down, reason :: String.t()}

  @type option ::
          {:script, Path.t()}
          | {:args, [String.t()]}
          | {:name, String.t() | GenServer.name()}
          | {:python, Path.t() | :uv | nil}
          | {:timeout, timeout}
          | {:start, :sync | :async}
          | {:bindings, map | keyword}
          | {:isolation, :shared | :interpreter | :process | nil}
          | {:strategy, :one_for_one | :one_for_all | :rest_for_one | nil}
          | {:id, term}
          | {:restart, :permanent | :transient | :temporary}
          | {:shutdown, timeout | :brutal_kill}
          | {:significant, boolean}

  @type counts :: %{
          abandoned: non_neg_integer,
          dedicated: non_neg_integer,
          actors: non_neg_integer,
          suspended: non_neg_integer,
          blocked: non_neg_integer,
          handles: non_neg_integer,
          helpers: non_neg_integer,
          shared: non_neg_integer,
          threads: non_neg_integer,
          detached: non_neg_integer,
          queued: non_neg_integer,
          jobs: non_neg_integer
        }

  @options [:script, :args, :name, :python, :timeout, :start, :bindings, :isolation, :strategy]
  @isolations [:shared, :interpreter, :process]
  @strategies [:one_for_one, :one_for_all, :rest_for_one]
  @child_options [:id, :restart, :shutdown, :significant]

  @doc """
  A script as a child: the options of `start_link/1`, and of the child specification `:id`
  (default: the name, else the script's path), `:restart` (`:permanent`; `:transient` with `start: :async`), `:shutdown`
  (`:infinity`, as for any supervisor) and `:significant`.

      iex> spec = Rebeam.child_spec(script: "main.py", restart: :transient)
      iex> Map.take(spec, [:id, :restart, :shutdown, :type])
      %{id: {Rebeam, "main.py"}, restart: :transient, shutdown: :infinity, type: :supervisor}
  """
  @spec child_spec([option]) :: Supervisor.child_spec()
  def child_spec(options) do
    Options.check!(options, @options ++ @child_options)
    {child, options} = Keyword.split(options, @child_options)
    path = script!(options)

    %{
      id: options[:name] || {__MODULE__, path},
      start: {__MODULE__, :start_link, [options]},
      type: :supervisor,
      shutdown: :infinity
    }
    |> Map.merge(Map.new(default_restart(options) ++ child))
  end

  # A body that has nothing to supervise is over when it ends, though nobody waited for that.
  defp default_restart(options),
    do: if(options[:start] == :async, do: [restart: :transient], else: [])

  @doc """
  Runs a script and starts the supervisors that its body made, linked to the caller.

    * `:script` - its path, required
    * `:args` - strings, `sys.argv[1:]`
    * `:name` - of the process that stands for the script: a string, or what `GenServer` takes
    * `:python` - an interpreter, the folder of a virtual environment, or `:uv` for one of uv's
    * `:start` - `:sync`, or `:async` to return before the body has run
    * `:bindings` - names with values that the body finds as variables, as a map or keyword list;
      large memory in them is not copied
    * `:isolation`, `:strategy` - of what the body's supervisors start, and theirs, where the body does not
      say: one of `:shared`, `:interpreter`, `:process`, and of `:one_for_one`, `:one_for_all`, `:rest_for_one`
    * `:timeout` - milliseconds for the body and the start of its trees (`:infinity`); after
      that the answer is `{:error, :timeout}`, and the body gets `ActorExit`
  """
  @spec start_link([option]) :: {:ok, pid} | :ignore | {:error, term}
  def start_link(options), do: start(&GenServer.start_link/3, options)

  @doc """
  The same without a link to the caller: for a prompt or a notebook, whose process ends with what it
  is linked to.
  """
  @spec start([option]) :: {:ok, pid} | :ignore | {:error, term}
  def start(options), do: start(&GenServer.start/3, options)

  defp start(start, options) do
    Options.check!(options, @options)
    path = script!(options)
    args = strings!(Keyword.get(options, :args, []))
    server = for {:name, name} <- options, name != nil, do: {:name, Names.server(name)}

    child = %{path: path, arguments: args, timeout: timeout!(options), how: how!(options)}
    offer = offer!(path, options)

    with :ok <- exists(path) do
      if Nodes.front?(),
        do: start_there(start, path, options),
        else: start_here(start, child, server, offer, options)
    end
  end

  defp start_there(start, path, options) do
    options = Keyword.put(options, :script, Path.expand(path))
    StandIn.start(start, {__MODULE__, :start_link}, [], options, :script)
  end

  defp start_here(start, %{path: path} = child, server, offer, options) do
    with :ok <- Runtime.ensure(python: options[:python], script: path),
         :ok <- offer(offer),
         do: Script.start_child(start, child, server)
  end

  # What the body is to find, by an actor that puts it where the body looks when it begins.
  defp offer!(path, options) do
    offer = %{
      "path" => path,
      "names" => Map.new(options[:bindings] || [], &binding!/1),
      "isolation" => one_of!(options, :isolation, @isolations),
      "strategy" => one_of!(options, :strategy, @strategies)
    }

    if {offer["names"], offer["isolation"], offer["strategy"]} != {%{}, nil, nil}, do: offer
  end

  defp offer(nil), do: :ok

  defp offer(offer) do
    with {:ok, session} <- Session.start_link() do
      result = call(session, "offer", offer, :infinity)
      stop(session)
      with {:ok, nil} <- result, do: :ok
    end
  end

  defp one_of!(options, key, known) do
    case options[key] do
      nil ->
        nil

      value ->
        if value in known,
          do: Atom.to_string(value),
          else:
            raise(
              ArgumentError,
              "#{inspect(key)} is one of #{inspect(known)}, not #{inspect(value)}"
            )
    end
  end

  @doc """
  Ends a script in order, and waits for that: its body, if that still runs, gets `ActorExit`, also
  while it computes or waits; then its trees are shut down, and all that was printed is where it is
  to go. `server` is what `start_link/1` returned, or the name; a `Rebeam.Session` ends so, too. Exits as
  `GenServer.stop/3` does.
  """
  @spec stop(GenServer.server() | String.t(), timeout) :: :ok
  def stop(server, timeout \\ :infinity),
    do: GenServer.stop(Names.server(server), :normal, timeout)

  @doc ~S'''
  Evaluates Python code: the value of its last expression, if that is its last statement, else nil; or
  what it raised.

      iex> Rebeam.eval("sum(numbers) / len(numbers)", numbers: [1, 2, 6])
      {:ok, 3.0}
      iex> {:error, error} = Rebeam.eval("n = 1\nn / 0", [], file: "cell", line: 7)
      iex> error.type
      "ZeroDivisionError"
      iex> error.traceback =~ ~s(File "cell", line 8, in <module>\n    n / 0)
      true

  Bindings are names with values, as a map or keyword list. The code has the names of the
  `Rebeam.Session` that is given, else of one of its own that is over with it. Options:

    * `:session` - whose names the code has, and where its own ones stay
    * `:timeout` - milliseconds (`:infinity`); after that it is `{:error, :timeout}`
    * `:file`, `:line` - what tracebacks say of where the code is from (a name of its own, and 1)
    * `:python` - as for `start_link/1`

  A value that cannot be sent is a `TypeError` of the code's. `{:error, {:down, reason}}` says that the
  session is not there, or ended.
  '''
  @spec eval(String.t(), map | keyword, keyword) :: {:ok, term} | {:error, PythonError.t() | term}
  def eval(code, bindings \\ [], options \\ []) when is_binary(code) do
    Options.check!(options, [:session, :timeout, :file, :line, :python])
    {file, line} = {options[:file], options[:line] || 1}

    unless (file == nil or is_binary(file)) and is_integer(line) and line > 0 do
      raise ArgumentError,
            ":file is a string and :line is from 1 on, not #{inspect({file, line})}"
    end

    names = Map.new(bindings, &binding!/1)
    code = %{"code" => code, "bindings" => names, "file" => file, "line" => line}
    timeout = timeout!(options)

    case options[:session] do
      nil -> eval_alone(code, timeout, Keyword.take(options, [:python]))
      session -> eval_in(session, code, timeout)
    end
  end

  # In a session that is over with it; code that is still at work then is not waited for.
  defp eval_alone(code, timeout, options) do
    with {:ok, session} <- Session.start_link(options) do
      result = eval_in(session, code, timeout)
      Process.unlink(session)
      Process.exit(session, if(result == {:error, :timeout}, do: :kill, else: :shutdown))
      result
    end
  end

  defp eval_in(session, code, timeout) do
    case call(session, "eval", code, timeout) do
      {:ok, value} ->
        {:ok, value}

      {:error, [type, message, traceback]} ->
        {:error, %PythonError{type: type, message: message, traceback: traceback}}

      {:error, text} ->
        {:error, %PythonError{type: "TypeError", message: text, traceback: text}}

      {:timeout, nil} ->
        {:error, :timeout}

      {:down, reason} ->
        {:error, {:down, reason}}
    end
  end

  @doc "As `eval/3`, but gives the value, and raises what the code raised."
  @spec eval!(String.t(), map | keyword, keyword) :: term
  def eval!(code, bindings \\ [], options \\ []) do
    case eval(code, bindings, options) do
      {:ok, value} -> value
      {:error, %PythonError{} = error} -> raise error
      {:error, reason} -> raise "the code was not evaluated to its end: #{inspect(reason)}"
    end
  end

  defp binding!({name, value}) when is_atom(name) and name not in [nil, true, false],
    do: binding!({Atom.to_string(name), value})

  defp binding!({name, value}) when is_binary(name) do
    if name =~ ~r/^[\p{L}_][\p{L}\p{N}_]*$/u,
      do: {name, value},
      else:
        raise(ArgumentError, "a binding has the name of a Python variable, not #{inspect(name)}")
  end

  defp binding!(other),
    do: raise(ArgumentError, "bindings are names with values, not #{inspect(other)}")

  defp how!(options) do
    case Keyword.get(options, :start, :sync) do
      how when how in [:sync, :async] -> how
      other -> raise ArgumentError, ":start is :sync or :async, not #{inspect(other)}"
    end
  end

  defp script!(options) do
    case options[:script] do
      path when is_binary(path) and path != "" ->
        path

      other ->
        raise ArgumentError, ":script is the path of a Python script, not #{inspect(other)}"
    end
  end

  defp strings!(args) do
    if is_list(args) and Enum.all?(args, &is_binary/1),
      do: args,
      else: raise(ArgumentError, ":args is a list of strings, not #{inspect(args)}")
  end

  defp timeout!(options) do
    case Keyword.get(options, :timeout, :infinity) do
      :infinity -> :infinity
      timeout when is_integer(timeout) and timeout >= 0 -> timeout
      other -> raise ArgumentError, ":timeout is in milliseconds, not #{inspect(other)}"
    end
  end

  defp exists(path) do
    if File.exists?(path),
      do: :ok,
      else: {:error, "no script #{inspect(path)} (in #{File.cwd!()})"}
  end

  @doc """
  Sends `message` under `subject` to a Python actor or a `Rebeam.Server`, and waits for its
  answer, at most `timeout` milliseconds.

  `{:down, reason}` says that there is no such process (`"noproc"`), that it ended before it
  answered (the reason is the traceback if its handler raised), or that it is the caller itself
  (`"calling_self"`). `{:error, "overloaded"}` says that the actor has as many messages waiting
  as its `mailbox_limit` allows. After `{:timeout, nil}` a late
  answer is dropped: it never reaches the caller. A message that Python has no form for raises
  `ArgumentError`.
  """
  @spec call(target, String.t(), term, timeout) :: result
  def call(target, subject, message, timeout \\ 5_000) when is_binary(subject) do
    payload = Value.payload!(message)
    deadline = Deadline.of(timeout)

    case resolve(target, timeout, :any) do
      nil ->
        Watch.down(:noproc)

      :timeout ->
        Watch.timeout()

      server ->
        server |> request(subject, payload, Deadline.left(deadline)) |> Watch.answer() |> decode()
    end
  catch
    :exit, {:timeout, {GenServer, :call, _}} -> Watch.timeout()
    :exit, {reason, {GenServer, :call, _}} -> Watch.down(reason)
  end

  defp request(server, subject, payload, timeout),
    do: GenServer.call(server, {:rebeam, subject, Loans.lend(payload, server)}, timeout)

  defp decode({status, payload}) do
    case Codec.unpack_message(payload) do
      {:ok, term} -> {status, term}
      {:error, text} -> {:error, text}
    end
  end

  @doc """
  Sends `message` and goes on. False if there is no such local process, or the actor has as
  many messages waiting as its `mailbox_limit` allows; whether a process on another node exists
  is not known.

  With `sender: pid`, what the handler answers comes to that process as a cast: to a
  `c:Rebeam.Server.handle_response/3`, or to a Python handler with a parameter `status`.
  """
  @spec cast(target, String.t(), term, sender: pid | nil) :: boolean
  def cast(target, subject, message, options \\ []) when is_binary(subject) do
    Options.check!(options, [:sender])
    sender = Keyword.get(options, :sender)

    unless sender == nil or is_pid(sender) do
      raise ArgumentError, ":sender is a pid, not #{inspect(sender)}"
    end

    payload = Value.payload!(message)

    case resolve(target, Nodes.patience(), :living) do
      nothing when nothing in [nil, :timeout] -> false
      server -> Mailbox.cast(server, subject, payload, sender)
    end
  end

  # Only the other node knows its names.
  defp resolve({name, node}, timeout, certainty) when is_binary(name) and is_atom(node),
    do: found(Names.ask({:name, name, node}, timeout, certainty))

  defp resolve(name, timeout, certainty) when is_binary(name),
    do: found(Names.resolve(name, timeout, certainty))

  defp resolve(server, _timeout, _certainty),
    do: if(Nodes.front?(), do: StandIn.actor(server), else: server)

  defp found({:ok, pid}), do: pid
  defp found(:none), do: nil
  defp found(:timeout), do: :timeout

  @doc """
  The process that is registered under a name, or nil. Other targets are given back.

      iex> Rebeam.whereis("nobody of that name")
      nil
  """
  @spec whereis(target) :: GenServer.server() | nil
  def whereis(name) when is_binary(name), do: Names.whereis(name)
  def whereis(server), do: server

  @doc """
  Loads a Python module again, and changes in place what it defined, in all of the program at once:
  what Python's `rebeam.reload` does, by the name of a module that the main interpreter has loaded.

    * `:max_crashes` - with more crashes than that in the `:max_seconds` (5) after it, all is taken
      back; default: whatever happens, it stays

  `changed` is what differs, by qualified name, and `actors` how many actors take it. The error is
  why nothing was changed.
  """
  @spec reload(String.t(), max_crashes: non_neg_integer, max_seconds: number) ::
          {:ok, %{changed: [String.t()], actors: non_neg_integer}} | {:error, [String.t()]}
  def reload(module, options \\ []) when is_binary(module) do
    Options.check!(options, [:max_crashes, :max_seconds])
    seconds = Keyword.get(options, :max_seconds, 5)
    bound = with n when n != nil <- options[:max_crashes], do: {n, round(seconds * 1000)}

    case Rebeam.Code.reload_named(module, bound) do
      {:ok, {changed, [], actors}} -> {:ok, %{changed: changed, actors: actors}}
      {:ok, {_, refused, _}} -> {:error, refused}
      {:error, text} -> {:error, [text]}
    end
  end

  @doc """
  Moves an actor to the program of another node, as Python's `rebeam.move` does. Its process there.

      iex> Rebeam.move("nobody of that name", node())
      {:error, "noproc: no such process"}
  """
  @spec move(target, node) :: {:ok, pid} | {:error, String.t()}
  def move(target, node) when is_atom(node) do
    target = if is_pid(target) and Nodes.front?(), do: StandIn.actor(target), else: target

    with {:ok, pid} <- Rebeam.Moves.find(target),
         {:ok, moved} <- Rebeam.Moves.move(pid, Atom.to_string(node)) do
      {:ok, moved}
    else
      {:error, _type, text} -> {:error, text}
    end
  end

  @doc """
  Counts: `:actors`, `:suspended` (waiting on the heap), `:blocked` (waiting on a thread),
  `:abandoned` (threads on which code of killed actors still runs),
  `:dedicated` (threads of actors that have one of their own), `:handles` (Python objects that
  Erlang holds), `:helpers` (processes that work for a wait), `:shared` (runs of memory that messages share with Python), and of the executor's `:threads`,
  `:detached`, `:queued` and `:jobs`. All are 0 before Python is started.

      iex> Rebeam.info() |> Map.keys() |> Enum.sort() |> Enum.take(5)
      [:abandoned, :actors, :blocked, :dedicated, :detached]
  """
  @spec info() :: counts
  def info, do: Units.info()
end
