defmodule Rebeam.TaskProgram do
  @moduledoc false
  # What programs that test tasks have in common.

  import ExUnit.Assertions

  alias Rebeam.Program

  @preamble """
  import itertools, os, sys, threading, time
  from rebeam import *
  from baseline import counts, settled

  class Owner(GenPy):
      def __init__(self, name="owner", trap=False):
          self.name, self.trap = name, trap
          self.saw = []
      @start()
      def begin(self):
          trap_exit(self.trap)
      @receive("run")
      def run(self, message):
          return globals()[message]()
      @receive("saw")
      def all(self):
          return self.saw
      @info()
      def event(self, message):
          self.saw.append(message)

  class Stopping(Owner):
      @stop()
      def cleanup(self, reason):
          print("stop", reason.splitlines()[-1])

  def owner(kind=Owner, name="owner", trap=False):
      return run_register_process(child(kind(name, trap), restart="temporary"))

  def attempt(function, *args):
      try:
          return function(*args)
      except Exception as error:
          return f"{type(error).__name__} {last(str(error))}"

  def last(text):
      return text.strip().splitlines()[-1]

  def add(a, b=0):
      sleep(0.01)
      return a + b

  def fail(what="on purpose"):
      sleep(0.01)
      raise ValueError(what)

  """

  def lines(program, options \\ []), do: Program.lines!(@preamble <> program, options)

  # Failed tasks are logged.
  def out(program) do
    result = Program.run(@preamble <> program)
    assert result.status == 0
    String.split(result.out, "\n", trim: true)
  end
end
