defmodule Rebeam.NamesTest do
  # Local names: by `name=`, by child(name=...), by register.
  use ExUnit.Case, async: true

  alias Rebeam.Program

  test "an attribute `name` and child(name=...) register the process" do
    assert Program.lines!("names/attribute_name_and_child.py") == [
             "True [True, 'by attribute']",
             "True [True, None]",
             "True [True, 'by class']",
             "True [True, 'attribute']",
             "True [True, 'inner']",
             "None None [True, None] True",
             "['by attribute', 'by child', 'by class', 'größe 日本 \\u2028', 'outer']"
           ]
  end

  test "register, whereis, unregister" do
    assert Program.lines!("names/register_whereis_unregister.py") == [
             "None registered True",
             "True True",
             "True",
             "None True ['second']",
             "registered registered True",
             "down",
             "['x', 'y'] (<Status.DOWN: 'down'>, 'noproc')",
             "TypeError",
             "TypeError",
             "TypeError"
           ]
  end

  test "no message by a name comes to a process of Erlang's or Elixir's own" do
    assert Program.lines!("names/names_of_the_system.py") == [
             "init None False (<Status.DOWN: 'down'>, 'noproc')",
             "logger None False (<Status.DOWN: 'down'>, 'noproc')",
             "code_server None False (<Status.DOWN: 'down'>, 'noproc')",
             "elixir_config None False (<Status.DOWN: 'down'>, 'noproc')",
             "(<Status.OK: 'ok'>, 'kept')"
           ]
  end

  test "a restart registers the name again, a taken one is a start failure" do
    assert Program.out!("names/restart_registers_the_name_again.py") == [
             "down",
             "False True False",
             "RuntimeError True True",
             "True"
           ]
  end

  test "a name that goes from one process to another is never taken for the first one's" do
    lines = Program.lines!("names/name_that_goes_from_one_process_to_another.py")

    assert lines == ["ok []"]
  end
end
