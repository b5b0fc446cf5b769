defmodule Rebeam.VM.Service do
  @moduledoc false
  # What a program tells systemd, if that started it as a service of `Type=notify`: READY when its
  # trees run, STOPPING when it ends, and that it is alive as often as `WatchdogSec=` wants
  # (sd_notify(3), sd_watchdog_enabled(3)).

  @doc "The trees run: from now on the watchdog, if there is one, hears of this VM."
  @spec ready :: :ok
  def ready do
    :persistent_term.put(__MODULE__, :ready)
    notify("READY=1\nMAINPID=#{System.pid()}")
    if period = watchdog(), do: spawn(fn -> watch(period) end)
    :ok
  end

  @doc "The program ends."
  @spec stopping :: :ok
  def stopping do
    :persistent_term.put(__MODULE__, :stopping)
    notify("STOPPING=1")
  end

  @doc "How far the program is."
  @spec state :: :starting | :ready | :stopping
  def state, do: :persistent_term.get(__MODULE__, :starting)

  defp watch(period) do
    notify("WATCHDOG=1")
    Process.sleep(period)
    watch(period)
  end

  # Half of the time that may pass, in milliseconds; nil if nobody watches this process.
  defp watchdog do
    with {microseconds, ""} <- Integer.parse(System.get_env("WATCHDOG_USEC", "")),
         true <- System.get_env("WATCHDOG_PID", System.pid()) == System.pid() do
      max(div(microseconds, 2000), 1)
    else
      _ -> nil
    end
  end

  # Nobody is held up by a service manager that does not listen.
  defp notify(text) do
    with path when is_binary(path) <- address(System.get_env("NOTIFY_SOCKET", "")),
         {:ok, socket} <- :socket.open(:local, :dgram) do
      :socket.sendto(socket, text, %{family: :local, path: path}, [], 0)
      :socket.close(socket)
    end

    :ok
  end

  # "@" begins the name of one that is in no file system.
  defp address("@" <> name), do: <<0, name::binary>>
  defp address("/" <> _ = path), do: path
  defp address(_), do: nil
end
