defmodule Parity.Verbs do
  @moduledoc false
  # The tree changed at run time, and what Elixir says of DynamicSupervisor.
  import Parity.Tree

  def rows, do: verbs() ++ dynamics()

  # ---- changing the tree -------------------------------------------------------------

  defp verbs do
    [
      {"start_child adds one at the end", tree(strategy: :rest_for_one),
       [
         abc(),
         {{:start_child, child("d")}, ["start d", "start_child: ok"]},
         {{:crash, "c"}, ["stop c crash", "stop d shutdown", "start c", "start d"]},
         {:shutdown,
          [
            "stop d shutdown",
            "stop c shutdown",
            "stop b shutdown",
            "stop a shutdown",
            "stop sup shutdown"
          ]}
       ]},
      {"start_child: already_started", tree(),
       [abc(), {{:start_child, child("b")}, ["start_child: already_started"]}]},
      {"start_child: already_present", tree(),
       [
         abc(),
         {{:terminate, "b"}, ["stop b shutdown", "terminate: ok"]},
         {{:start_child, child("b")}, ["start_child: already_present"]}
       ]},
      {"start_child: what fails is not kept", tree(),
       [
         abc(),
         {{:plan, "d", [:fail]}, []},
         {{:start_child, child("d")}, ["failed d", "start_child: failed"]},
         {:which, ["which: a worker running, b worker running, c worker running"]},
         {{:start_child, child("d")}, ["start d", "start_child: ok"]}
       ]},
      {"start_child: a temporary one that fails is not kept", tree(),
       [
         abc(),
         {{:plan, "d", [:fail]}, []},
         {{:start_child, child("d", restart: :temporary)}, ["failed d", "start_child: failed"]},
         {:count, ["count: 3 3 0 3"]}
       ]},
      {"start_child of a supervisor", tree(),
       [
         abc(),
         {{:start_child, child("in", tree: tree(children: [child("d"), child("e")]))},
          ["start d", "start e", "start_child: ok"]},
         {:count, ["count: 4 4 1 3"]},
         {{:crash, "d"}, ["stop d crash", "start d"]},
         {{:terminate, "in"}, ["stop e shutdown", "stop d shutdown", "terminate: ok"]},
         {{:restart, "in"}, ["start d", "start e", "restart: ok"]}
       ]},
      {"start_child of a supervisor whose second child fails", tree(),
       [
         abc(),
         {{:plan, "e", [:fail]}, []},
         {{:start_child, child("in", tree: tree(children: [child("d"), child("e")]))},
          ["start d", "failed e", "stop d shutdown", "start_child: failed"]},
         {:count, ["count: 3 3 0 3"]}
       ]},
      {"what was added is lost when the supervisor itself is restarted",
       tree(children: [child("in", tree: tree(intensity: 0, children: [child("a")]))]),
       [a(), {{:crash, "a"}, crashed()}, {:count, ["count: 1 1 1 0"]}]},
      {"terminate_child keeps the child, but does not restart it", tree(),
       [
         abc(),
         {{:terminate, "b"}, ["stop b shutdown", "terminate: ok"]},
         {:which, ["which: a worker running, b worker stopped, c worker running"]},
         {:count, ["count: 3 2 0 3"]}
       ]},
      {"terminate_child of a temporary child removes it", one(restart: :temporary),
       [
         a(),
         {{:terminate, "a"}, ["stop a shutdown", "terminate: ok"]},
         {:count, ["count: 0 0 0 0"]}
       ]},
      {"terminate_child of a child that is stopped is ok", tree(),
       [
         abc(),
         {{:terminate, "b"}, ["stop b shutdown", "terminate: ok"]},
         {{:terminate, "b"}, ["terminate: ok"]}
       ]},
      {"terminate_child takes no sibling with it", tree(strategy: :one_for_all),
       [abc(), {{:terminate, "a"}, ["stop a shutdown", "terminate: ok"]}]},
      {"terminate_child does not count as a restart", tree(intensity: 0),
       [
         abc(),
         {{:terminate, "a"}, ["stop a shutdown", "terminate: ok"]},
         {{:restart, "a"}, ["start a", "restart: ok"]}
       ]},
      {"terminate_child: not_found", tree(),
       [abc(), {{:terminate, "x"}, ["terminate: not_found"]}]},
      {"restart_child starts what was ended", tree(),
       [
         abc(),
         {{:terminate, "b"}, ["stop b shutdown", "terminate: ok"]},
         {{:restart, "b"}, ["start b", "restart: ok"]},
         {{:crash, "b"}, ["stop b crash", "start b"]}
       ]},
      {"restart_child keeps the place in the order", tree(),
       [
         abc(),
         {{:terminate, "a"}, ["stop a shutdown", "terminate: ok"]},
         {{:restart, "a"}, ["start a", "restart: ok"]},
         {:shutdown,
          ["stop c shutdown", "stop b shutdown", "stop a shutdown", "stop sup shutdown"]}
       ]},
      {"restart_child of a transient child that ended", one(restart: :transient),
       [a(), {{:finish, "a"}, ["stop a normal"]}, {{:restart, "a"}, ["start a", "restart: ok"]}]},
      {"restart_child: running, not_found", tree(),
       [abc(), {{:restart, "a"}, ["restart: running"]}, {{:restart, "x"}, ["restart: not_found"]}]},
      {"restart_child that fails leaves the child stopped", tree(),
       [
         abc(),
         {{:terminate, "b"}, ["stop b shutdown", "terminate: ok"]},
         {{:plan, "b", [:fail]}, []},
         {{:restart, "b"}, ["failed b", "restart: failed"]},
         {:which, ["which: a worker running, b worker stopped, c worker running"]}
       ]},
      {"delete_child forgets what was ended", tree(),
       [
         abc(),
         {{:terminate, "b"}, ["stop b shutdown", "terminate: ok"]},
         {{:delete, "b"}, ["delete: ok"]},
         {:which, ["which: a worker running, c worker running"]},
         {{:restart, "b"}, ["restart: not_found"]},
         {{:start_child, child("b")}, ["start b", "start_child: ok"]}
       ]},
      {"delete_child: running, not_found", tree(),
       [abc(), {{:delete, "a"}, ["delete: running"]}, {{:delete, "x"}, ["delete: not_found"]}]},
      {"which_children and count_children",
       tree(children: [child("a"), child("in", tree: tree(children: []))]),
       [
         a(),
         {:which, ["which: a worker running, in supervisor running"]},
         {:count, ["count: 2 2 1 1"]}
       ]}
    ]
  end

  # ---- DynamicSupervisor -------------------------------------------------------------

  @started {:start, ["started: ok"]}
  @x ["start x", "start_child: ok"]

  defp dynamics do
    add = &{:start_child, child(&1, &2)}

    [
      {"dynamic: starts without children, and takes any number", dynamic(),
       [@started, {:count, ["count: 0 0 0 0"]}] ++
         for(n <- 1..5, do: {add.("#{n}", []), ["start #{n}", "start_child: ok"]}) ++
         [{:count, ["count: 5 5 0 5"]}]},
      {"dynamic: ids are not unique", dynamic(),
       [
         @started,
         {add.("x", []), @x},
         {add.("x", []), @x},
         {:which, ["which: - worker running, - worker running"]}
       ]},
      {"dynamic: max_children", dynamic(max_children: 2),
       [
         @started,
         {add.("x", []), @x},
         {add.("y", []), ["start y", "start_child: ok"]},
         {add.("z", []), ["start_child: max_children"]},
         {{:terminate, "x"}, ["stop x shutdown", "terminate: ok"]},
         {add.("z", []), ["start z", "start_child: ok"]}
       ]},
      {"dynamic: max_children 0 takes none", dynamic(max_children: 0),
       [@started, {add.("x", []), ["start_child: max_children"]}]},
      {"dynamic: what fails to start is not kept, and counts for nothing",
       dynamic(max_children: 1, intensity: 0),
       [
         @started,
         {{:plan, "x", [:fail]}, []},
         {add.("x", []), ["failed x", "start_child: failed"]},
         {:count, ["count: 0 0 0 0"]},
         {add.("x", []), @x}
       ]},
      {"dynamic: a child that fails is restarted alone", dynamic(),
       [
         @started,
         {add.("x", []), @x},
         {add.("y", []), ["start y", "start_child: ok"]},
         {{:crash, "x"}, ["stop x crash", "start x"]}
       ]},
      {"dynamic: transient and temporary children that ended are forgotten", dynamic(),
       [
         @started,
         {add.("x", restart: :transient), @x},
         {add.("y", restart: :temporary), ["start y", "start_child: ok"]},
         {{:crash, "x"}, ["stop x crash", "start x"]},
         {{:crash, "y"}, ["stop y crash"]},
         {{:finish, "x"}, ["stop x normal"]},
         {:count, ["count: 0 0 0 0"]}
       ]},
      {"dynamic: terminate_child forgets the child", dynamic(),
       [
         @started,
         {add.("x", []), @x},
         {{:terminate, "x"}, ["stop x shutdown", "terminate: ok"]},
         {:count, ["count: 0 0 0 0"]},
         {{:terminate, "x"}, ["terminate: not_found"]}
       ]},
      {"dynamic: more restarts than intensity end it", dynamic(intensity: 1),
       [
         @started,
         {add.("x", []), @x},
         {{:crash, "x"}, ["stop x crash", "start x"]},
         {{:crash, "x"}, ["stop x crash", "stop sup shutdown"]}
       ]},
      {"dynamic: a restart that fails is tried again", dynamic(),
       [
         @started,
         {add.("x", []), @x},
         {{:plan, "x", [:fail, :fail]}, []},
         {{:crash, "x"}, ["stop x crash", "failed x", "failed x", "start x"]}
       ]},
      {"dynamic: its end ends its children", dynamic(),
       [@started, {add.("x", []), @x}, {:shutdown, ["stop x shutdown", "stop sup shutdown"]}]},
      {"dynamic: shutdown times", dynamic(),
       [
         @started,
         {add.("x", shutdown: :brutal_kill), @x},
         {{:terminate, "x"}, ["stop x killed", "terminate: ok"]},
         {add.("y", shutdown: 100), ["start y", "start_child: ok"]},
         {{:linger, "y", 5000}, []},
         {{:terminate, "y"}, ["stop y killed", "terminate: ok"]}
       ]},
      {"dynamic: a supervisor as a child", dynamic(),
       [
         @started,
         {add.("in", tree: tree(children: [child("a"), child("b")])),
          ["start a", "start b", "start_child: ok"]},
         {:count, ["count: 1 1 1 0"]},
         {{:crash, "a"}, crashed()},
         {:shutdown, ["stop b shutdown", "stop a shutdown", "stop sup shutdown"]}
       ]}
    ]
  end
end
