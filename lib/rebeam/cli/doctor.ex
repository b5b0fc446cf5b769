defmodule Rebeam.CLI.Doctor do
  @moduledoc false
  # `rebeam doctor [options] [main.py]`: tries what programs need of the system, a line each, and
  # says what to do about what it lacks.

  @behaviour Rebeam.CLI.Word

  alias Rebeam.CLI.{CommandLine, Complaint, Options, Settings, Usage}
  alias Rebeam.Python
  alias Rebeam.Python.Probed

  # Each unit takes about five descriptors, each program some dozens.
  @files_least 1024
  @shm_least_mb 64

  @type finding :: {:ok | :warning | :error, String.t(), String.t()}

  @impl true
  def run(arguments) do
    with {:run, options} <- CommandLine.parse(arguments),
         {:ok, options} <- Settings.fill(options) do
      findings = findings(options)
      IO.write(Enum.map(findings, &line/1))
      if Enum.any?(findings, &match?({:error, _, _}, &1)), do: 1, else: 0
    else
      {:error, text} ->
        IO.write(line({:error, "settings", text}))
        1

      _ ->
        Complaint.say("doctor takes options and a script, as a run does")
        2
    end
  end

  @doc false
  @spec findings(Options.t()) :: [finding]
  def findings(options) do
    [python(options), runtime(), files(), memory_lock(), shared_memory()] ++
      [ports(), host_name(), cache(), terminal()]
  end

  defp python(options) do
    case options |> Options.python() |> Python.find() do
      {:ok, python} ->
        {:ok, "python", "#{python.version} at #{python.executable}, #{python.libpython}"}

      {:error, text} ->
        {:error, "python", text}
    end
  end

  defp runtime do
    otp = :erlang.system_info(:otp_release)
    version = Application.spec(:rebeam, :vsn)
    {:ok, "runtime", "#{Usage.command()} #{version}, OTP #{otp}, Elixir #{System.version()}"}
  end

  defp files do
    case limit("Max open files") do
      number when is_integer(number) and number < @files_least ->
        {:warning, "open files", "#{number}, few for many connections: ulimit -n 65536"}

      number ->
        {:ok, "open files", "#{number}"}
    end
  end

  # Nothing of ours locks memory; some libraries do.
  defp memory_lock, do: {:ok, "locked memory", "#{limit("Max locked memory")} bytes"}

  defp limit(name) do
    with {:ok, text} <- File.read("/proc/self/limits"),
         line when is_binary(line) <- text |> String.split("\n") |> Enum.find(&(&1 =~ name)),
         [soft | _] <- line |> String.replace(name, "") |> String.split(),
         {number, ""} <- Integer.parse(soft) do
      number
    else
      _ -> "unlimited"
    end
  end

  # Large parts of messages to process units are there.
  defp shared_memory do
    path = "/dev/shm/rebeam-doctor-#{System.pid()}"

    with :ok <- File.write(path, "x") do
      File.rm(path)
      free = free_mb("/dev/shm")

      if is_integer(free) and free < @shm_least_mb,
        do: {:warning, "/dev/shm", "#{free} MB free: --shm-size=1g for docker run"},
        else: {:ok, "/dev/shm", "#{free} MB free"}
    else
      {:error, reason} ->
        {:error, "/dev/shm",
         "#{:file.format_error(reason)}: process units need it, as a tmpfs that you can write to"}
    end
  end

  defp free_mb(folder) do
    with {text, 0} <- System.cmd("df", ["-Pm", folder], stderr_to_stdout: true),
         [_, line | _] <- String.split(text, "\n"),
         [_, _, _, free | _] <- String.split(line) do
      String.to_integer(free)
    else
      _ -> "?"
    end
  rescue
    ErlangError -> "?"
  end

  # As a process unit does.
  defp ports do
    case :gen_tcp.listen(0, ip: {127, 0, 0, 1}) do
      {:ok, socket} ->
        :gen_tcp.close(socket)
        {:ok, "loopback", "127.0.0.1 can be listened on"}

      {:error, reason} ->
        {:error, "loopback", "127.0.0.1: #{:inet.format_error(reason)}: process units need it"}
    end
  end

  defp host_name do
    {:ok, name} = :inet.gethostname()

    case :inet.getaddr(name, :inet) do
      {:ok, address} ->
        {:ok, "host name", "#{name} is #{:inet.ntoa(address)}"}

      {:error, _} ->
        {:warning, "host name",
         "#{name} has no address: add it to /etc/hosts before you use --sname"}
    end
  end

  defp cache do
    with folder when is_binary(folder) <- Probed.folder(), :ok <- File.mkdir_p(folder) do
      {:ok, "cache", Path.dirname(folder)}
    else
      _ -> {:warning, "cache", "no folder can be written to: starts take 0.3 s longer; set $HOME"}
    end
  end

  defp terminal do
    if terminal?(),
      do: {:ok, "terminal", System.get_env("TERM", "of no type")},
      else: {:ok, "terminal", "none"}
  end

  defp terminal? do
    with {:ok, target} <- File.read_link("/proc/self/fd/0"),
         do: String.starts_with?(target, ["/dev/pts/", "/dev/tty"]),
         else: (_ -> false)
  end

  defp line({verdict, name, text}),
    do: [
      String.pad_trailing("#{verdict}", 8),
      String.pad_trailing(name, 14),
      Complaint.printable(text),
      ?\n
    ]
end
