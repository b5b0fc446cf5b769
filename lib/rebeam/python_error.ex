defmodule Rebeam.PythonError do
  @moduledoc """
  A Python exception as the reason why an actor ended.

  An actor whose handler raised exits with `{%Rebeam.PythonError{}, []}`, the shape
  that OTP gives an Elixir exception.
  """

  defexception [:type, :message, :traceback]

  @type t :: %__MODULE__{type: String.t(), message: String.t(), traceback: String.t()}

  @impl true
  def message(%__MODULE__{traceback: traceback}), do: traceback

  @doc "An exit reason as text: the Python traceback where there is one."
  @spec reason_text(term) :: String.t()
  def reason_text({%__MODULE__{traceback: traceback}, _}), do: traceback
  def reason_text({:shutdown, reason}), do: reason_text(reason)

  def reason_text({:gave_up, child, reason}) do
    "child #{child} failed too often\n" <> String.trim_trailing(reason_text(reason))
  end

  def reason_text({:name_lost, text}), do: text

  def reason_text({:noconnection, node}) when is_atom(node),
    do: "noconnection: the worker machine #{node} is gone"

  # As the native part says it.
  def reason_text({:system_exit, code}), do: "SystemExit: #{code}"

  # An Elixir process that raised.
  def reason_text({reason, [{_, _, _, _} | _] = stack}) do
    Exception.format(:error, Exception.normalize(:error, reason, stack), stack)
  end

  def reason_text(reason) when is_atom(reason), do: Atom.to_string(reason)

  def reason_text(reason) do
    if is_binary(reason) and String.valid?(reason), do: reason, else: inspect(reason)
  end

  @doc false
  # The same of a failed start.
  @spec start_error(term) :: String.t()
  def start_error({:shutdown, {:failed_to_start_child, id, reason}}) do
    "child #{id} did not start: " <> start_error(reason)
  end

  def start_error({:system_exit, code}), do: "it exited with status #{code} while it started"
  def start_error({:already_started, pid}), do: "its name is taken by #{:erlang.pid_to_list(pid)}"
  def start_error(reason), do: reason_text(reason)
end
