defmodule Rebeam.CLI.Handover.Stdin do
  @moduledoc false
  # A VM reads its standard input ahead of any question for it. This gives the
  # bytes that it has read to its successor.

  alias Rebeam.Loader
  alias Rebeam.CLI.Handover.{UserPort, UserReader}

  @opaque detached :: :untouched | {module, term}

  @doc "Detaches standard input from this VM."
  @spec detach :: detached
  def detach do
    device = Process.whereis(:user)
    module = if device && UserPort.of(device), do: UserPort, else: UserReader
    watch = module.watch(device)

    case Loader.detach_stdin() do
      :other -> :untouched
      _file_or_pipe -> {module, watch}
    end
  end

  @doc "Puts back what this VM had read of the detached standard input."
  @spec attach(detached) :: :ok | {:error, String.t()}
  def attach(:untouched), do: :ok
  def attach({module, watch}), do: watch |> module.taken() |> Loader.attach_stdin()
end
