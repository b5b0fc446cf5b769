defmodule Rebeam.Observe.SpansTest do
  use ExUnit.Case, async: true

  alias Rebeam.Program

  @package "opentelemetry.sdk.trace"
  @lack Rebeam.Packages.lack(@package)
  if @lack, do: IO.puts("Skipped: spans, as " <> @lack)

  @spans """
  Door/@initial < None INTERNAL UNSET {'rebeam.class': 'Door', 'rebeam.work': 'initial'}
  Door/slam < Orders/order CONSUMER UNSET {'rebeam.class': 'Door', 'rebeam.work': 'cast', 'rebeam.subject': 'slam'}
  Front/request < script SERVER UNSET {'rebeam.class': 'Front', 'rebeam.work': 'call', 'rebeam.subject': 'request'}
  Orders/order < inner SERVER UNSET {'rebeam.class': 'Orders', 'rebeam.work': 'call', 'rebeam.subject': 'order'}
  Stock/take < None SERVER ERROR {'rebeam.class': 'Stock', 'rebeam.work': 'call', 'rebeam.subject': 'take'}
  Stock/take < Orders/order SERVER UNSET {'rebeam.class': 'Stock', 'rebeam.work': 'call', 'rebeam.subject': 'take'}
  inner < Front/request INTERNAL UNSET {}
  script < None INTERNAL UNSET {}
  """

  defp spans(isolation) do
    result = Program.run("observe/spans/shop.py", args: [isolation])
    assert result.status == 0, result.out <> result.err
    assert [_] = Regex.scan(~r/crashed in/, result.err)
    ["3", "down" | spans] = String.split(result.out, "\n", trim: true)
    Enum.sort(spans)
  end

  @tag :slow
  @tag skip: @lack
  test "a span around each handler, below what was current where its message was sent" do
    assert spans("shared") == String.split(@spans, "\n", trim: true)
  end

  @tag :slow
  @tag skip: @lack
  test "the same in other OS processes" do
    assert spans("process") == String.split(@spans, "\n", trim: true)
  end
end
