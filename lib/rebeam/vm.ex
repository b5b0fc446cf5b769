defmodule Rebeam.VM do
  @moduledoc false
  # How a VM of a program is started: the one that takes over from Mix, and those of units.

  # Ctrl-C is Python's, so SIGINT keeps its default until Python takes it (+Bd; +Bi would also
  # ignore Ctrl-Z). Schedulers that spin while idle would compete with Python's threads (+sbwt and
  # its siblings). File names are UTF-8; those that are not are no news.
  # There is room for a million processes (+P); each start makes that table.
  @emulator_flags ~w(+Bd +P 1048576 +fnui +sbwt short +sbwtdcpu none +sbwtdio none)
  # Standard input is Python's, so nothing of Erlang reads it. What OTP logs goes to standard
  # error, as standard output is the script's. One connection that is lost costs no other one: OTP's
  # `:global` would have nodes disconnect until all that are left see each other.
  @flags ~w(-noinput -kernel logger) ++
           ["[{handler,default,logger_std_h,\#{config=>\#{type=>standard_error}}}]"] ++
           ~w(-kernel prevent_overlapping_partitions false)

  @doc "The flags of the emulator itself, which benchmarks use as well."
  @spec emulator_flags :: [String.t()]
  def emulator_flags, do: @emulator_flags

  @doc "What every VM of a program runs with: the given code, else that of this VM; no standard input."
  @spec flags([Path.t()]) :: [String.t()]
  def flags(code \\ code_paths()),
    do: @emulator_flags ++ boot() ++ launched() ++ @flags ++ ["-pa" | code]

  # A release has no boot file where Erlang looks for one: it has that without applications beside
  # its own, with the variables in their paths.
  defp boot do
    erlang = Path.join([:code.root_dir(), "bin", "start.boot"])

    with false <- File.exists?(erlang),
         {:ok, files} <- :init.get_argument(:boot) do
      folder = files |> List.last() |> hd() |> Path.dirname()
      ["-boot", Path.join(folder, "start_clean") | given(:boot_var)]
    else
      _ -> []
    end
  end

  # How the launcher was run; a VM that takes this one's place was run so, too.
  defp launched, do: given(:launched)

  @doc "A flag of this VM, with its values, for another one."
  @spec given(atom) :: [String.t()]
  def given(flag) do
    with {:ok, values} <- :init.get_argument(flag),
         do: Enum.flat_map(values, &["-#{flag}" | Enum.map(&1, fn each -> "#{each}" end)]),
         else: (:error -> [])
  end

  @doc "What follows `-extra` on this VM's command line. It need not be text."
  @spec arguments :: [binary]
  def arguments, do: Enum.map(:init.get_plain_arguments(), &to_bytes/1)

  defp to_bytes({_wrong, text, rest}), do: List.to_string(text) <> rest
  defp to_bytes(text), do: List.to_string(text)

  @doc """
  What starts a VM: this one was started with its variables by erl, wherever that is installed;
  calling erlexec again saves the shell script.
  """
  @spec program :: Path.t()
  def program do
    Path.join(bindir(), "erlexec")
  end

  @doc "Where the programs of Erlang's runtime system are."
  @spec bindir :: Path.t()
  def bindir do
    System.get_env("BINDIR") ||
      Path.join([:code.root_dir(), "erts-#{:erlang.system_info(:version)}", "bin"])
  end

  @doc """
  Starts an application of OTP's that few programs need. Newer Mix has hidden it from this VM, if no
  application of the project names it; and where OTP comes in parts, its part may not be there.
  """
  @spec ensure_started(atom) :: :ok | {:error, String.t()}
  def ensure_started(application) do
    with {:error, _} <- Application.ensure_all_started(application),
         :ok = show_otp(),
         {:error, reason} <- Application.ensure_all_started(application) do
      {:error, missing(reason)}
    else
      {:ok, _} -> :ok
    end
  end

  defp missing({name, {~c"no such file or directory", _file}}) do
    package = name |> Atom.to_string() |> String.replace("_", "-")
    "this Erlang has no application #{name}: where OTP comes in parts, install erlang-#{package}"
  end

  defp missing({name, reason}),
    do: "OTP's application #{name} does not start: #{Exception.format_exit(reason)}"

  # Behind what is there, so that it changes nothing of that.
  defp show_otp do
    [:code.lib_dir(), "*", "ebin"]
    |> Path.join()
    |> Path.wildcard()
    |> Enum.map(&String.to_charlist/1)
    |> :code.add_pathsz()
  end

  # OTP's own folders are there by themselves.
  defp code_paths do
    own = List.to_string(:code.lib_dir())

    for path <- Enum.map(:code.get_path(), &List.to_string/1),
        path != ".",
        not String.starts_with?(path, own <> "/"),
        do: Path.expand(path)
  end
end
