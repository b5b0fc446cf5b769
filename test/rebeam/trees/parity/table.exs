for file <- ~w(tree life significant verbs),
    do: Code.require_file("table/#{file}.exs", __DIR__)

defmodule Parity.Table do
  @moduledoc false
  # What OTP's documentation of supervisors says, and Elixir's of DynamicSupervisor, one row
  # each: {behaviour, tree, [{step, what is observed then}]}. The steps are in run.exs.

  def rows, do: Parity.Life.rows() ++ Parity.Significant.rows() ++ Parity.Verbs.rows()
end
