defmodule Rebeam.CLI.Cookie do
  @moduledoc false
  # The secret that nodes share, and how it comes to the VM of the program: never on a command
  # line, which every user of the host can read.
  #
  #   --cookie-file, else REBEAM_COOKIE (which --cookie sets), else where OTP has it

  alias Rebeam.CLI.Options
  alias Rebeam.Loader
  alias Rebeam.Units.Address

  @variable "REBEAM_COOKIE"
  @longest 255
  @places "--cookie-file, $#{@variable} or ~/.erlang.cookie has the one of that node"

  @doc "In the VM that hands over: what `--cookie` says goes into the environment, with a warning."
  @spec hand_on(Options.t()) :: :ok
  def hand_on(%{cookie: nil}), do: :ok

  def hand_on(%{cookie: cookie}) do
    Loader.set_env(@variable, cookie)
    System.put_env(@variable, cookie)

    IO.puts(
      :stderr,
      "rebeam: --cookie shows the cookie to every user of this host: " <>
        "use --cookie-file or the variable #{@variable}"
    )
  end

  @doc "What kind of node the VM will be."
  @spec node(Options.t()) :: :unnamed | Address.secret()
  def node(options) do
    cond do
      Options.node_name(options) == nil -> :unnamed
      options.cookie_file || variable() -> :own_cookie
      true -> :erlang_cookie
    end
  end

  @doc "The cookie; nil leaves it to OTP."
  @spec read(Options.t()) :: {:ok, atom | nil} | {:error, String.t()}
  def read(%{cookie_file: nil}) do
    text = variable()

    if text == nil and homeless?(),
      do: {:error, "a node with a name needs --cookie-file, #{@variable} or HOME for its cookie"},
      else: checked(@variable, text)
  end

  def read(%{cookie_file: path}) do
    with :ok <- private(path),
         {:ok, text} <- File.read(path) do
      checked("--cookie-file #{path}", text |> String.split("\n") |> hd() |> String.trim())
    else
      {:error, reason} when is_atom(reason) ->
        {:error, "--cookie-file #{path}: #{:file.format_error(reason)}"}

      error ->
        error
    end
  end

  @doc "The same where OTP has not read its file: for a node that becomes one when it is there."
  @spec find(Options.t()) :: {:ok, atom} | {:error, String.t()}
  def find(options) do
    with {:ok, nil} <- read(options) do
      own =
        Enum.find([home(), :filename.basedir(:user_config, "erlang")], &File.exists?(file(&1)))

      if own,
        do: read(%{options | cookie_file: file(own)}),
        else: {:error, "no cookie: " <> @places}
    end
  end

  defp home, do: System.get_env("HOME") || "/"
  defp file(folder), do: Path.join(folder, ".erlang.cookie")

  # OTP looks for its file there, and fails.
  defp homeless?, do: System.get_env("HOME") == nil and :init.get_argument(:setcookie) == :error

  defp variable, do: with("" <- System.get_env(@variable), do: nil)

  defp private(path) do
    with {:ok, stat} <- File.stat(path) do
      if Bitwise.band(stat.mode, 0o077) == 0,
        do: :ok,
        else: {:error, "--cookie-file #{path}: others can read it (chmod 600 #{path})"}
    end
  end

  # The text itself is never shown.
  defp checked(_from, nil), do: {:ok, nil}
  defp checked(from, ""), do: {:error, "#{from}: it is empty"}

  defp checked(from, text) do
    if String.valid?(text) and String.length(text) <= @longest,
      do: {:ok, String.to_atom(text)},
      else: {:error, "#{from}: a cookie is text of at most #{@longest} characters"}
  end
end
