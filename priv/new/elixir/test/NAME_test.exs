defmodule MODULETest do
  use ExUnit.Case

  test "it adds, and is started again when it fails" do
    assert MODULE.add(2) == {:ok, 42}
    assert {:down, reason} = Rebeam.call("counter", "fail", nil)
    assert reason =~ "asked to fail"
    assert await(fn -> MODULE.add(1) end) == {:ok, 41}
  end

  defp await(ask) do
    with {:down, _} <- ask.() do
      Process.sleep(10)
      await(ask)
    end
  end
end
