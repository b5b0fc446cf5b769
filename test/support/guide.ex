defmodule Rebeam.Guide do
  @moduledoc false
  # The blocks of a page of Markdown, and what tests do with them (CONTRIBUTING, "A guide").

  import ExUnit.Assertions

  alias Rebeam.{Environment, Ports, Program}

  defstruct [:kind, :text, :line, name: nil, prints: nil, logs: nil]

  @type t :: %__MODULE__{
          kind: String.t(),
          text: String.t(),
          line: pos_integer,
          name: String.t() | nil,
          prints: String.t() | nil,
          logs: String.t() | nil
        }

  @block ~r/^```(\w+)\n(.*?)^```$/ms
  @packages ~r/^(?:import|from) (?:aiohttp|fastapi|flask|httpx|numpy|pytest|uvicorn)\b/m
  # What servers in guides listen on.
  @port "8000"

  @doc "The blocks in their order, each with what it prints and logs, if that follows."
  @spec blocks(Path.t()) :: [t]
  def blocks(page) do
    text = File.read!(page)

    for [{start, _}, kind, body] <- Regex.scan(@block, text, return: :index) do
      line = text |> binary_part(0, start) |> String.split("\n") |> length()
      text = &binary_part(text, elem(&1, 0), elem(&1, 1))
      %__MODULE__{kind: text.(kind), text: text.(body), line: line + 1} |> named()
    end
    |> attached()
  end

  defp named(%{kind: "python"} = block) do
    case Regex.run(~r/\A# ([\w\/.]+\.py)\b/, block.text) do
      [_, name] -> %{block | name: name}
      nil -> block
    end
  end

  defp named(block), do: block

  defp attached(blocks) do
    blocks
    |> Enum.reduce([], fn
      %{kind: "text"} = block, [last | rest] -> [%{last | prints: block.text} | rest]
      %{kind: "log"} = block, [last | rest] -> [%{last | logs: block.text} | rest]
      block, seen -> [block | seen]
    end)
    |> Enum.reverse()
  end

  @doc "Runs what a page says can be run, and compares."
  @spec check(Path.t()) :: :ok
  def check(page) do
    blocks = blocks(page)
    python = python(blocks)

    folder =
      Program.folder(
        for %{name: name} = block when name != nil <- blocks, into: %{}, do: {name, block.text}
      )

    write_command(folder, python)
    blocks |> steps() |> Enum.each(&run(&1, page, folder, python))
  end

  defp python(blocks) do
    if Enum.any?(blocks, &(&1.kind == "python" and &1.text =~ @packages)),
      do: Environment.python(),
      else: Program.python().executable
  end

  # Each with the commands that are given while it runs.
  defp steps(blocks) do
    blocks
    |> Enum.chunk_while([], &step/2, &{:cont, Enum.reverse(&1), []})
    |> Enum.reject(&(&1 == []))
  end

  defp step(%{kind: "sh", prints: prints, text: "curl" <> _} = block, [_ | _] = step)
       when prints != nil,
       do: {:cont, [block | step]}

  defp step(%{kind: "python", name: nil} = block, step), do: {:cont, Enum.reverse(step), [block]}

  defp step(%{kind: kind, prints: prints, logs: logs} = block, step)
       when kind in ~w(python sh) and (prints != nil or logs != nil),
       do: {:cont, Enum.reverse(step), [block]}

  # A server prints nothing by itself.
  defp step(%{kind: "python"} = block, step), do: {:cont, Enum.reverse(step), [{:maybe, block}]}
  defp step(_block, step), do: {:cont, step}

  defp run([{:maybe, _}], _page, _folder, _python), do: :ok

  defp run([{:maybe, block} | commands], page, folder, python),
    do: run([block | commands], page, folder, python)

  defp run([%{kind: "sh"} = block], page, folder, _python) do
    {out, status} =
      System.cmd("sh", ["-c", block.text],
        cd: folder,
        env: variables(folder),
        stderr_to_stdout: true
      )

    where = "#{page}:#{block.line}"
    assert status == 0, "#{where} ended with #{status}:\n#{out}"
    compare(block.prints, out, where)
  end

  defp run([block | commands], page, folder, python) do
    port = "#{Ports.free()}"
    moved = &String.replace(&1, @port, port)
    script = Path.join(folder, block.name || "main.py")
    File.write!(script, moved.(block.text))
    File.rm(Path.join(folder, "answers"))
    on = Enum.flat_map(commands, &[{"", :command, command(moved.(&1.text), folder)}])
    on = if on == [], do: [], else: [on: on ++ [{"", :signal, "SIGTERM"}]]

    ended =
      Program.run(
        {:script, script},
        [options: ["--python", python], cd: folder, own: false] ++ on
      )

    where = "#{page}:#{block.line}"

    assert ended.status == if(commands == [], do: 0, else: 143),
           "#{where} ended with #{ended.status}:\n#{ended.err}"

    if block.prints, do: compare(block.prints, ended.out, where)
    # What servers log is theirs.
    if block.logs || commands == [],
      do: compare(block.logs || "", ended.err, where <> ", its log")

    answers = commands |> Enum.map_join(& &1.prints) |> moved.()

    if commands != [],
      do: compare(answers, File.read!(Path.join(folder, "answers")), where <> ", its answers")
  end

  defp command(text, folder),
    do: "cd '#{folder}' && PATH='#{folder}/bin':$PATH && { #{text}} >>answers 2>>answers"

  defp variables(folder), do: [{"PATH", folder <> "/bin:" <> System.get_env("PATH")}]

  # `rebeam`, and a curl that waits until the server is there.
  defp write_command(folder, python) do
    bin = Path.join(folder, "bin")
    File.mkdir_p!(bin)

    words =
      Enum.map_join(
        Program.vm(["--python", python]),
        " ",
        &("'" <> String.replace(&1, "'", "'\\''") <> "'")
      )

    curl = "curl --silent --retry 60 --retry-connrefused --retry-delay 1 --retry-max-time 60"

    for {name, line} <- [{"rebeam", words}, {"curl", "env PATH=${PATH#*:} " <> curl}] do
      File.write!(Path.join(bin, name), "#!/bin/sh\nexec #{line} \"$@\"\n")
      File.chmod!(Path.join(bin, name), 0o755)
    end
  end

  @doc "Compares with what a page says, in which `...` stands for anything."
  @spec compare(String.t(), String.t(), String.t()) :: true
  def compare(said, out, where) do
    pattern =
      said
      |> String.trim_trailing()
      |> String.split("...")
      |> Enum.map_join(".*?", &Regex.escape/1)

    assert String.trim_trailing(out) =~ ~r/\A#{pattern}\z/s,
           "#{where} says\n#{said}\nand is\n#{out}"
  end
end
