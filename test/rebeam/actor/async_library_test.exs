defmodule Rebeam.Actor.AsyncLibraryTest do
  # Asynchronous libraries as users install them: a web server and clients, in actors.
  use ExUnit.Case, async: true

  alias Rebeam.{Environment, Program}

  @program "actor/async_library/web_server_and_clients.py"

  @tag :slow
  test "an aiohttp server whose handlers call actors; httpx and aiohttp clients in others" do
    # Five clients with 50 requests each that add 1, and 50 that add 2.
    result = Program.run(@program, options: ["--python", Environment.python()])

    assert %{status: 0, err: ""} = result
    assert String.split(result.out, "\n", trim: true) == ["ok ok ok ok ok", "750"]
  end
end
