defmodule Rebeam.DocTest do
  # The examples of the public modules, as pasted into a VM that has started no Python yet.
  use ExUnit.Case, async: false

  @moduletag :capture_log

  doctest Rebeam
  doctest Rebeam.GenPy
  doctest Rebeam.Server
  doctest Rebeam.Registry
  doctest Rebeam.Topics
  doctest Rebeam.Counter
  doctest Rebeam.Table
end
