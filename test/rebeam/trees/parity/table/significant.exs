defmodule Parity.Significant do
  @moduledoc false
  # Significant children, and starts that fail.
  import Parity.Tree

  def rows, do: significant() ++ failures()

  # ---- significant children ----------------------------------------------------------

  defp significant do
    keys = [key("a"), child("b"), key("c")]

    [
      {"any_significant: the first that ends ends all",
       tree(auto_shutdown: :any_significant, children: keys),
       [
         abc(),
         {{:finish, "a"},
          ["stop a normal", "stop c shutdown", "stop b shutdown", "stop sup shutdown"]}
       ]},
      {"all_significant: the last that ends ends all",
       tree(auto_shutdown: :all_significant, children: keys),
       [
         abc(),
         {{:finish, "a"}, ["stop a normal"]},
         {{:finish, "c"}, ["stop c normal", "stop b shutdown", "stop sup shutdown"]}
       ]},
      {"never refuses a significant child", tree(auto_shutdown: :never, children: keys),
       [{:start, ["started: bad_combination"]}]},
      {"a permanent child cannot be significant",
       tree(auto_shutdown: :any_significant, children: [key("a", :permanent)]),
       [{:start, ["started: bad_combination"]}]},
      {"a significant transient child that fails is restarted",
       tree(auto_shutdown: :any_significant, children: keys),
       [abc(), {{:crash, "a"}, crashed()}]},
      {"a significant temporary child ends all when it fails, too",
       tree(auto_shutdown: :any_significant, children: [key("a", :temporary), child("b")]),
       [
         {:start, ["start a", "start b", "started: ok"]},
         {{:crash, "a"}, ["stop a crash", "stop b shutdown", "stop sup shutdown"]}
       ]},
      {"a child that is not significant ends nobody",
       tree(
         auto_shutdown: :any_significant,
         children: [key("a"), child("b", restart: :transient)]
       ), [{:start, ["start a", "start b", "started: ok"]}, {{:finish, "b"}, ["stop b normal"]}]},
      {"terminate_child of a significant child ends nobody else",
       tree(auto_shutdown: :any_significant, children: keys),
       [
         abc(),
         {{:terminate, "a"}, ["stop a shutdown", "terminate: ok"]},
         {:which, ["which: a worker stopped, b worker running, c worker running"]}
       ]},
      {"a significant child that a sibling ends ends nobody else",
       tree(
         strategy: :one_for_all,
         auto_shutdown: :any_significant,
         children: [key("a", :temporary), child("b")]
       ),
       [
         {:start, ["start a", "start b", "started: ok"]},
         {{:crash, "b"}, ["stop b crash", "stop a shutdown", "start b"]},
         {:which, ["which: b worker running"]}
       ]},
      {"a nested supervisor that ended by itself is restarted if it is permanent",
       tree(
         children: [
           child("in",
             tree: tree(auto_shutdown: :any_significant, children: [key("a"), child("b")])
           )
         ]
       ),
       [
         {:start, ["start a", "start b", "started: ok"]},
         {{:finish, "a"}, ["stop a normal", "stop b shutdown", "start a", "start b"]}
       ]},
      {"a nested supervisor that ended by itself may end its own supervisor",
       tree(
         auto_shutdown: :any_significant,
         children: [
           child("a"),
           child("in",
             restart: :transient,
             significant: true,
             tree: tree(auto_shutdown: :any_significant, children: [key("b")])
           )
         ]
       ),
       [
         {:start, ["start a", "start b", "started: ok"]},
         {{:finish, "b"}, ["stop b normal", "stop a shutdown", "stop sup shutdown"]}
       ]},
      {"start_child of a significant child under never is refused", tree(),
       [abc(), {{:start_child, key("d")}, ["start_child: bad_combination"]}]}
    ]
  end

  # ---- starts that fail --------------------------------------------------------------

  defp failures do
    [
      {"a start that fails stops the earlier ones in reverse order", tree(),
       [
         {{:plan, "c", [:fail]}, []},
         {:start,
          [
            "start a",
            "start b",
            "failed c",
            "stop b shutdown",
            "stop a shutdown",
            "started: c: failed"
          ]}
       ]},
      {"a start that fails in a nested supervisor fails the whole tree",
       tree(children: [child("a"), child("in", tree: tree(children: [child("b"), child("c")]))]),
       [
         {{:plan, "c", [:fail]}, []},
         {:start,
          [
            "start a",
            "start b",
            "failed c",
            "stop b shutdown",
            "stop a shutdown",
            "started: in: c: failed"
          ]}
       ]},
      {"a restart that fails is tried again", tree(),
       [
         abc(),
         {{:plan, "b", [:fail, :fail]}, []},
         {{:crash, "b"}, ["stop b crash", "failed b", "failed b", "start b"]}
       ]},
      {"each try counts as a restart", tree(),
       [
         abc(),
         {{:plan, "b", [:fail, :fail, :fail, :fail]}, []},
         {{:crash, "b"},
          [
            "stop b crash",
            "failed b",
            "failed b",
            "failed b",
            "stop c shutdown",
            "stop a shutdown",
            "stop sup shutdown"
          ]}
       ]},
      {"one_for_all: a restart that fails in the middle starts again from the first",
       tree(strategy: :one_for_all),
       [
         abc(),
         {{:plan, "b", [:fail]}, []},
         {{:crash, "c"},
          ["stop c crash", "stop b shutdown", "stop a shutdown", "start a", "failed b"] ++
            ["stop a shutdown", "start a", "start b", "start c"]}
       ]},
      {"rest_for_one: a restart that fails in the middle starts again from there",
       tree(strategy: :rest_for_one),
       [
         abc(),
         {{:plan, "b", [:fail]}, []},
         {{:crash, "a"},
          [
            "stop a crash",
            "stop c shutdown",
            "stop b shutdown",
            "start a",
            "failed b",
            "start b",
            "start c"
          ]}
       ]},
      {"while a restart is tried again the child is restarting",
       one([]) |> Map.put(:intensity, 10_000),
       [
         a(),
         {{:plan, "a", [:slow]}, []},
         {{:crash, "a"}, ["stop a crash"]},
         {:which, ["which: a worker restarting"]},
         {{:restart, "a"}, ["restart: restarting"]},
         {{:delete, "a"}, ["delete: restarting"]},
         {{:terminate, "a"}, ["terminate: ok"]},
         {:which, ["which: a worker stopped"]}
       ]}
    ]
  end
end
