defmodule Rebeam.ElixirChildCase do
  @moduledoc false
  # Tests of Python under Elixir supervisors, in the VM of the tests itself.
  use ExUnit.CaseTemplate

  alias Rebeam.Program

  @actors """
  import os
  from rebeam import *

  class Counter(GenPy):
      def __init__(self, first=0, *, step=1, log=None, name=None):
          if first == "bad":
              raise ValueError("constructed badly")
          if name is not None:
              self.name = name
          self.n, self.step, self.log = first, step, log
      @receive("add")
      def add(self, message):
          self.n += message * self.step
          return self.n
      @receive("crash")
      def crash(self):
          raise ValueError("on purpose")
      @receive("exit")
      def exit(self, message):
          raise SystemExit(message)
      @stop()
      def bye(self, reason):
          if self.log:
              with open(self.log, "a") as file:
                  print("stop", self.n, reason.splitlines()[-1], file=file)

  class Pair(GenPy):
      def __init__(self, items):
          items.append(len(items))
          self.items = items
      @receive("items")
      def all(self):
          return self.items
      @receive("crash")
      def crash(self):
          self.items.append("spoilt")
          raise ValueError("on purpose")

  class Outer:
      class Inner(GenPy):
          @receive("hi")
          def hi(self):
              return call("asked_by_inner", "name")[1]

  class Asked(GenPy):
      @receive("name")
      def name_(self):
          sleep(0.01)
          return "asked"

  class StartFails(GenPy):
      @start()
      def boot(self):
          raise KeyError("at start")

  class Plain:
      pass
  """

  using do
    quote do
      import Rebeam.ElixirChildCase
      @moduletag :capture_log
    end
  end

  # Python, and with it what is imported, outlives a test: each has modules of its own.
  setup do
    module = "actors_#{System.unique_integer([:positive])}"
    folder = Program.folder(%{(module <> ".py") => @actors})
    %{module: module, folder: folder, log: Path.join(folder, "log")}
  end

  def supervise(children, options \\ [strategy: :one_for_one]) do
    start_supervised!(%{
      id: :tree,
      start: {Supervisor, :start_link, [children, options]},
      restart: :temporary,
      type: :supervisor
    })
  end

  # Waits for what another process brings about.
  def eventually(fun, left \\ 500) do
    cond do
      value = fun.() -> value
      left == 0 -> flunk("it did not come to that")
      true -> Process.sleep(10) && eventually(fun, left - 1)
    end
  end

  def replaced(name, old) do
    eventually(fn ->
      pid = Rebeam.whereis(name)
      if pid != nil and pid != old, do: pid
    end)
  end

  def script(context, name, source) do
    path = Path.join(context.folder, name)
    File.write!(path, "from rebeam import *\nfrom #{context.module} import *\n" <> source)
    path
  end

  def lines(context), do: context.log |> File.read!() |> String.split("\n", trim: true)
end
