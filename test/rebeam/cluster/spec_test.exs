defmodule Rebeam.Cluster.SpecTest do
  use ExUnit.Case, async: true

  alias Rebeam.Cluster.Spec
  alias Rebeam.Program

  test "what --cluster takes" do
    assert Spec.parse("a@one") == {:ok, {:list, ["a@one"]}}
    assert Spec.parse("a@one, b@two.org:4711") == {:ok, {:list, ["a@one", "b@two.org:4711"]}}
    assert Spec.parse("file:/x/y") == {:ok, {:file, "/x/y"}}
    assert Spec.parse("dns:nodes.org") == {:ok, {:dns, nil, "nodes.org"}}
    assert Spec.parse("dns:app@nodes.org") == {:ok, {:dns, "app", "nodes.org"}}
    assert {:ok, {:multicast, {{239, 255, 70, 77}, _}}} = Spec.parse("multicast")
    assert Spec.parse("multicast:224.1.2.3:99") == {:ok, {:multicast, {{224, 1, 2, 3}, 99}}}

    for wrong <-
          ["", "a", "a@", "file:", "dns:", "dns:a@b@c", "multicast:", "multicast:10.0.0.1:5"] ++
            ["multicast:224.1.2.3", "multicast:224.1.2.3:0", "a@b:", "a@b c@d:x", "k8s:x"] do
      assert {^wrong, {:error, text}} = {wrong, Spec.parse(wrong)}
      assert text != ""
    end
  end

  test "whom a file has" do
    path = Path.join(Program.folder(), "nodes")
    assert Spec.names({:file, path}) == []
    File.write!(path, "# nodes\n a@one # the first\n\nno node\nb@two\n")
    assert Spec.names({:file, path}) == ["a@one", "b@two"]
    assert Spec.names({:dns, "a", "localhost"}) == ["a@127.0.0.1"]
    assert Spec.names({:dns, "a", "no.such.host.invalid"}) == []
  end
end
