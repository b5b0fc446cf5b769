if Code.ensure_loaded?(Kino.SmartCell) do
  defmodule Rebeam.Livebook do
    @moduledoc ~S'''
    Python actors in a Livebook: a smart cell, "Python actors", and what that cell's code calls. There
    where Kino is; see the guide "In a Livebook".

        shop =
          Rebeam.Livebook.run(
            ~S"""
            from rebeam import GenPy, Supervisor, receive

            class Counter(GenPy):
                name, n = "counter", 0

                @receive("add")
                def add(self, message):
                    self.n += message
                    return self.n

            Supervisor([Counter()])
            """,
            bindings: [numbers: numbers]
          )

        Rebeam.call("counter", "add", 5)
        Rebeam.Livebook.value(shop, "len(numbers)")

    The script belongs to its cell: it ends in order when the cell is evaluated again, deleted, or its
    evaluation stopped, and with the notebook. What it prints and logs, also later, is shown under
    the cell, with its actors, its crashes and a box to call them.
    '''

    alias Rebeam.Livebook.{Logs, Owner, View}

    @enforce_keys [:owner, :script, :path]
    defstruct [:owner, :script, :path]

    @typedoc "A script that a cell runs; `script` is its process, `path` the file that tracebacks name."
    @type t :: %__MODULE__{owner: pid, script: pid | nil, path: Path.t()}

    @type option ::
            {:name, String.t()}
            | {:args, [String.t()]}
            | {:bindings, map | keyword}
            | {:isolation, :shared | :interpreter | :process | nil}
            | {:strategy, :one_for_one | :one_for_all | :rest_for_one | nil}

    @doc false
    def install do
      Kino.SmartCell.register(Rebeam.Livebook.Cell)
      Kino.SmartCell.register(Rebeam.Livebook.CallCell)
      Logs.install()
    end

    @doc """
    Runs Python code as a script of the cell that calls this, and returns when its body is over and its
    trees run. Raises what the body raised. Options: `:name` of its file (`"script"`), and those of
    `Rebeam.start_link/1` of the same names.
    """
    @spec run(String.t(), [option]) :: t
    def run(code, options \\ []) when is_binary(code) do
      Rebeam.Options.check!(options, [:name, :args, :bindings, :isolation, :strategy])
      Logs.install()
      name = Keyword.get(options, :name, "script")
      view = View.new(name)
      Kino.render(view)
      {:ok, owner} = Kino.start_child({Owner, {code, name, Keyword.delete(options, :name), view}})

      case GenServer.call(owner, :await, :infinity) do
        {:ok, script, path} -> %__MODULE__{owner: owner, script: script, path: path}
        {:error, {%Rebeam.PythonError{} = error, []}} -> raise error
        {:error, reason} -> raise "the script did not start: #{Owner.text(reason)}"
      end
    end

    @doc "The value of a Python expression among the names of the script; raises what it raises."
    @spec value(t, String.t(), map | keyword) :: term
    def value(%__MODULE__{owner: owner}, expression, bindings \\ []) do
      {:ok, session} = GenServer.call(owner, :session, :infinity)
      Rebeam.eval!(expression, bindings, session: session)
    end

    @doc """
    For the end of a cell: a list of dicts as a table; all else is given back. Data frames, images and whatever has
    a `_repr_html_` or the like are shown so without it.
    """
    @spec show(term) :: term
    def show([%{} = row | _] = rows) when not is_struct(row), do: Kino.DataTable.new(rows)
    def show(value), do: value

    @doc "Ends the script in order, before its cell is."
    @spec stop(t) :: :ok
    def stop(%__MODULE__{owner: owner}), do: GenServer.call(owner, :stop, :infinity)
  end

  # What it has to show is shown already.
  defimpl Kino.Render, for: Rebeam.Livebook do
    def to_livebook(_script), do: %{type: :ignored}
  end
end
