defmodule Rebeam.Server do
  @moduledoc ~S'''
  A `GenServer` that takes `call` and `cast` of Python actors, and of `Rebeam.call/4`.

      iex> defmodule Prices do
      ...>   use Rebeam.Server
      ...>
      ...>   def start_link(prices), do: Rebeam.Server.start_link(__MODULE__, prices, name: "prices")
      ...>
      ...>   @impl true
      ...>   def init(prices), do: {:ok, prices}
      ...>
      ...>   @impl true
      ...>   def handle_receive("get", item, _source, prices) do
      ...>     case prices do
      ...>       %{^item => price} -> {:ok, price, prices}
      ...>       _ -> {:error, "no #{item}", prices}
      ...>     end
      ...>   end
      ...>
      ...>   def handle_receive("set", {item, price}, _source, prices) do
      ...>     {:ok, nil, Map.put(prices, item, price)}
      ...>   end
      ...> end
      iex> {:ok, _} = Prices.start_link(%{"tea" => 3})
      iex> Rebeam.cast("prices", "set", {"salt", 1})
      true
      iex> Rebeam.call("prices", "get", "salt")
      {:ok, 1}
      iex> Rebeam.call("prices", "get", "gold")
      {:error, "no gold"}

  In Python the same is `status, price = call("prices", "get", "salt")`.

  Such a module is a `GenServer`: `init/1`, `handle_call/3`, `handle_info/2` and the others are
  its own to define, `use Rebeam.Server` takes the options of `use GenServer`, and it is started
  and supervised alike. `start_link/3` differs in one thing: a name that is a string is one that
  Python finds. Names that are atoms are found by Python under their full text, such as
  `"Elixir.MyApp.Prices"`.

  ## What happens to a message

    * The handler's value is packed where it returns: a value that Python has no form for is the
      handler's own error.
    * A subject that no clause takes is answered with an error that says so; other handlers'
      state is not lost over it. A `FunctionClauseError` from anywhere deeper is a crash.
    * A handler that raises, throws or exits ends the server, as in any `GenServer`. Who called
      gets `{:down, text}` (in Python `Status.DOWN`) when the process is gone.
    * The value for a `cast` goes, with its status, to the sender that Python named as
      `sender_pid`. Without one, an error is logged and a value dropped.

  ## Answering later

  Define `c:handle_receive/5` in place of `c:handle_receive/4`: it is also given `from`. Return
  `{:noreply, state}`, and call `reply/2` from any process.

      def handle_receive("slow", message, _source, from, state) do
        Task.start(fn -> Rebeam.Server.reply(from, {:ok, work(message)}) end)
        {:noreply, state}
      end
  '''

  require Logger

  alias Rebeam.{Log, Names, PythonError, Value}
  alias Rebeam.Message.Post

  @typedoc "Whom an answer goes to."
  @opaque from :: {:call, GenServer.from()} | {:cast, pid | nil, subject :: String.t()}

  @typedoc "What a handler returns; the last element is GenServer's own."
  @type reaction ::
          {:ok | :error, value :: term, state :: term}
          | {:ok | :error, value :: term, state :: term, timeout | :hibernate | {:continue, term}}
          | {:noreply, state :: term}
          | {:noreply, state :: term, timeout | :hibernate | {:continue, term}}
          | {:stop, reason :: term, state :: term}
          | {:stop, reason :: term, {:ok | :error, value :: term}, state :: term}

  @doc """
  Handles a call or cast. `source` is the process of who called, or the sender of a cast; nil if
  it named none.
  """
  @callback handle_receive(subject :: String.t(), message :: term, source :: pid | nil, term) ::
              reaction

  @doc "The same, with whom to answer later."
  @callback handle_receive(String.t(), term, source :: pid | nil, from, state :: term) :: reaction

  @doc """
  Handles the answer to a cast that named this process as its sender. Without this callback it
  comes to `handle_receive` as a cast without a source.
  """
  @callback handle_response(subject :: String.t(), {:ok | :error, value :: term}, state :: term) ::
              {:noreply, term}
              | {:noreply, term, timeout | :hibernate | {:continue, term}}
              | {:stop, reason :: term, term}

  @optional_callbacks handle_receive: 4, handle_receive: 5, handle_response: 3

  defmacro __using__(options) do
    quote location: :keep do
      use GenServer, unquote(options)
      @behaviour Rebeam.Server
      @before_compile Rebeam.Server

      # In place of GenServer's own, which may not be called by way of `super`. No @impl here and
      # below: it would be asked of the module's own functions, too.
      @doc false
      def handle_call(request, _from, state), do: {:stop, {:bad_call, request}, state}

      @doc false
      def handle_cast(request, state), do: {:stop, {:bad_cast, request}, state}

      @doc false
      def handle_info(message, state), do: Rebeam.Server.unexpected(__MODULE__, message, state)

      defoverridable handle_call: 3, handle_cast: 2, handle_info: 2
    end
  end

  # Around what the module itself defines, so that it may define these callbacks too.
  defmacro __before_compile__(env) do
    unless Enum.any?([4, 5], &Module.defines?(env.module, {:handle_receive, &1}, :def)) do
      raise CompileError,
        file: env.file,
        line: env.line,
        description: "#{inspect(env.module)} uses Rebeam.Server and defines no handle_receive/4"
    end

    quote do
      defoverridable handle_call: 3, handle_cast: 2, handle_info: 2

      def handle_call({:rebeam, subject, payload}, from, state) do
        Rebeam.Server.handle(__MODULE__, subject, payload, {:call, from}, state)
      end

      def handle_call(request, from, state), do: super(request, from, state)

      def handle_cast({:rebeam, subject, payload, sender, status}, state) do
        Rebeam.Server.handle_cast(__MODULE__, {subject, payload, sender, status}, state)
      end

      def handle_cast(request, state), do: super(request, state)

      # Its work is Elixir's, and goes on.
      def handle_info({:"$rebeam", :interrupt, _from}, state), do: {:noreply, state}
      def handle_info(message, state), do: super(message, state)
    end
  end

  @doc """
  `GenServer.start_link/3`, where `:name` may also be a string: a name that Python knows.
  """
  @spec start_link(module, term, GenServer.options()) :: GenServer.on_start()
  def start_link(module, argument, options \\ []) do
    GenServer.start_link(module, argument, with_name(options))
  end

  @doc "`GenServer.start/3` in the same way."
  @spec start(module, term, GenServer.options()) :: GenServer.on_start()
  def start(module, argument, options \\ []) do
    GenServer.start(module, argument, with_name(options))
  end

  defp with_name(options) do
    Enum.map(options, fn
      {:name, name} -> {:name, Names.server(name)}
      option -> option
    end)
  end

  @doc """
  Answers a call or cast that `c:handle_receive/5` left for later. To be called once, by any
  process.
  """
  @spec reply(from, {:ok, term} | {:error, term}) :: :ok
  def reply(from, {status, value}) when status in [:ok, :error] do
    answer(from, status, Value.payload!(value))
  end

  # ---- called by what `use` defines -----------------------------------------------------

  # What GenServer does.
  @doc false
  def unexpected(module, message, state) do
    Logger.error(
      "#{inspect(module)} #{inspect(self())} received unexpected message in handle_info/2: " <>
        inspect(message)
    )

    {:noreply, state}
  end

  @doc false
  def handle(module, subject, payload, from, state) do
    case Value.unpack_message(payload) do
      {:ok, message} ->
        run(module, [subject, message, source(from)], from, state)

      {:error, text} ->
        answer(from, :error, Value.pack!(text))
        {:noreply, state}
    end
  end

  @doc false
  def handle_cast(module, {subject, payload, sender, nil}, state) do
    handle(module, subject, payload, {:cast, sender, subject}, state)
  end

  # It answers a cast of this process.
  def handle_cast(module, {subject, payload, _, status}, state) do
    with true <- function_exported?(module, :handle_response, 3),
         {:ok, value} <- Value.unpack_message(payload) do
      module.handle_response(subject, {status, value}, state)
    else
      _ -> handle(module, subject, payload, {:cast, nil, subject}, state)
    end
  end

  defp source({:call, {pid, _tag}}), do: pid
  defp source({:cast, sender, _subject}), do: sender

  defp run(module, [subject | _] = received, from, state) do
    module |> handler_result(received, from, state) |> react(from, module)
  catch
    kind, reason ->
      if no_clause?(kind, reason, __STACKTRACE__, {module, received, from, state}) do
        text = "#{inspect(module)} handles no #{inspect(subject)} with this message"
        answer(from, :error, Value.pack!(text))
        {:noreply, state}
      else
        answer_when_gone(from, exit_reason(kind, reason, __STACKTRACE__))
        :erlang.raise(kind, reason, __STACKTRACE__)
      end
  end

  # As gen_server has it, what is thrown is returned.
  defp handler_result(module, received, from, state) do
    apply(module, :handle_receive, arguments(module, received, from, state))
  catch
    :throw, thrown -> thrown
  end

  defp arguments(module, received, from, state) do
    if function_exported?(module, :handle_receive, 5),
      do: received ++ [from, state],
      else: received ++ [state]
  end

  # Not one that the handler, or a second call of it, ran into.
  defp no_clause?(:error, :function_clause, stack, {module, received, from, state}) do
    arguments = arguments(module, received, from, state)
    match?([{^module, :handle_receive, ^arguments, _}, {__MODULE__, _, _, _} | _], stack)
  end

  defp no_clause?(_kind, _reason, _stack, _call), do: false

  defp exit_reason(:error, reason, stack), do: {reason, stack}
  defp exit_reason(:exit, reason, _stack), do: reason

  # ---- what the handler returned ---------------------------------------------------------

  defp react({status, value, state}, from, _) when status in [:ok, :error] do
    answer(from, status, Value.payload!(value))
    {:noreply, state}
  end

  defp react({status, value, state, next}, from, _) when status in [:ok, :error] do
    answer(from, status, Value.payload!(value))
    {:noreply, state, next}
  end

  defp react({:noreply, _} = reaction, _from, _), do: reaction
  defp react({:noreply, _, _} = reaction, _from, _), do: reaction

  defp react({:stop, reason, state}, from, _) do
    answer_when_gone(from, reason)
    {:stop, reason, state}
  end

  defp react({:stop, reason, {status, value}, state}, from, _) when status in [:ok, :error] do
    answer(from, status, Value.payload!(value))
    {:stop, reason, state}
  end

  defp react(other, _from, module) do
    raise ArgumentError,
          "#{inspect(module)}.handle_receive returns {:ok | :error, value, state}, " <>
            "{:noreply, state} or {:stop, reason, state}, not #{inspect(other)}"
  end

  # ---- answers ----------------------------------------------------------------------------

  defp answer({:call, from}, status, payload), do: Post.reply(from, status, payload)
  defp answer({:cast, nil, subject}, :error, payload), do: Log.unheard(self(), subject, payload)
  defp answer({:cast, nil, _subject}, :ok, _payload), do: :ok

  defp answer({:cast, sender, subject}, status, payload) do
    Post.cast(sender, subject, payload, self(), status)
  end

  # Who called hears why the server ended, and not before its name is free. It might notice the end
  # too late to learn the reason by itself.
  defp answer_when_gone({:call, from}, reason) do
    server = self()

    spawn(fn ->
      monitor = Process.monitor(server)

      receive do
        {:DOWN, ^monitor, :process, _, _} ->
          Post.reply(from, :down, Value.pack!(PythonError.reason_text(reason)))
      end
    end)
  end

  defp answer_when_gone(_cast, _reason), do: :ok
end
