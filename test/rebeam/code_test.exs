defmodule Rebeam.CodeTest do
  use ExUnit.Case, async: true

  import Rebeam.Program

  alias Rebeam.InterpreterProgram

  @moduletag timeout: 120_000

  describe "reload" do
    @describetag :slow

    test "what a module defines stays what it is, and becomes what its text says" do
      assert lines!("code/code_test/matrix.py") == ~w(methods functions names_of_functions
               closures decorators properties partials supers dataclasses enums nested_classes
               subclasses_elsewhere generators slots_and_bases state failures registries
               nothing_is_left)
    end

    for {isolation, lacks} <- [
          {"shared", nil},
          {"process", nil},
          {"interpreter", InterpreterProgram.lacks_units()}
        ] do
      @tag skip: lacks
      test "actors in #{isolation} units take the new code with their next message" do
        options = ["--workers", "2"] ++ python(unquote(isolation))
        arguments = [args: [unquote(isolation)], options: options]
        assert lines!("code/code_test/actors.py", arguments) == ["done 2"]
      end
    end
  end

  defp python("interpreter"), do: ["--python", hd(InterpreterProgram.pythons()).executable]
  defp python(_), do: []
end
