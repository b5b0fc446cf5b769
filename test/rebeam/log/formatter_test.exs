defmodule Rebeam.Log.FormatterTest do
  use ExUnit.Case, async: true

  alias Rebeam.Log.{Formatter, JSON}

  @time 1_700_000_000_123_456
  @plain %{format: :text, colours: false, terminal: false}

  defp event(text, level \\ :error, meta \\ %{}),
    do: %{level: level, msg: {:string, text}, meta: Map.merge(%{time: @time, pid: self()}, meta)}

  defp format(event, config),
    do: event |> Formatter.format(config) |> :unicode.characters_to_binary()

  test "text: time, level, who, and a colour on a terminal alone" do
    assert format(event("lost"), @plain) =~ ~r/\A\d\d:\d\d:\d\d\.123 \[error\] lost\n\z/
    assert format(event("seen", :info, %{logger: "shop"}), @plain) =~ ~r/ \[info\] shop: seen\n\z/
    coloured = format(event("lost"), %{@plain | colours: true})
    assert coloured =~ ~r/\A\e\[31m.*lost\e\[0m\n\z/
  end

  test "json: an object a line, whatever the text is" do
    text = ["a \"b\" \\ \n\t\e", <<"ü", 0xFF>>, " end"]
    meta = %{actor: "a", python_line: 3}
    line = format(event(text, :warning, meta), %{format: :json, colours: false, terminal: false})

    assert line ==
             ~S({"time":"2023-11-14T22:13:20.123456Z","level":"warning",) <>
               ~S("message":"a \"b\" \\ \n\t\u001Bü� end","actor":"a",) <>
               ~s("pid":"#{inspect(self())}","node":"#{node()}","line":3}\n)
  end

  test "what is no text at all is still written" do
    assert IO.iodata_to_binary(JSON.object(message: [<<0xC3>>, [<<0xFF, 0xFE>>, "x"]], n: 1)) ==
             ~s({"message":"���x","n":1})
  end

  test "reports of OTP are in words, and its news of starts is left out" do
    report = %{
      label: {:gen_server, :terminate},
      name: :some_server,
      last_message: :boom,
      state: 1,
      log: [],
      reason: {:bad, []},
      client_info: :undefined,
      process_label: :undefined
    }

    event = event("", :error, %{report_cb: &:gen_server.format_log/1})

    assert format(%{event | msg: {:report, report}}, @plain) =~
             "GenServer :some_server terminating"

    progress = %{label: {:supervisor, :progress}, report: [supervisor: self(), started: []]}
    quiet = %{event("", :info, %{domain: [:otp, :sasl]}) | msg: {:report, progress}}
    assert Formatter.format(quiet, @plain) == []
    assert format(%{event("") | msg: {:report, %{what: :unknown}}}, @plain) =~ "what: :unknown"
    assert format(%{event("") | msg: {~c"~p and ~ts", [1, "ü"]}}, @plain) =~ "] 1 and ü\n"
  end
end
