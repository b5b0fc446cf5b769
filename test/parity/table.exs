defmodule Parity.Table do
  @moduledoc false
  # What OTP's documentation of supervisors says, and Elixir's of DynamicSupervisor, one row
  # each: {behaviour, tree, [{step, what is observed then}]}.

  @doc "A tree of children a, b, c, unless others are given."
  def tree(options \\ []) do
    defaults = %{
      dynamic: false,
      strategy: :one_for_one,
      intensity: 3,
      period: 60,
      auto_shutdown: :never,
      children: [child("a"), child("b"), child("c")]
    }

    Map.merge(defaults, Map.new(options))
  end

  def dynamic(options \\ []) do
    defaults = %{dynamic: true, intensity: 3, period: 60, max_children: nil}
    Map.merge(defaults, Map.new(options))
  end

  def child(id, options \\ []) do
    defaults = %{id: id, restart: :permanent, shutdown: nil, significant: false, tree: nil}
    Map.merge(defaults, Map.new(options))
  end

  # A child that may end the tree.
  defp key(id, restart \\ :transient), do: child(id, restart: restart, significant: true)

  defp one(options), do: tree(children: [child("a", options)])

  @abc {:start, ["start a", "start b", "start c", "started: ok"]}
  @a {:start, ["start a", "started: ok"]}
  @crashed ["stop a crash", "start a"]

  def rows do
    order() ++
      strategies() ++
      intensity() ++
      restarts() ++
      shutdowns() ++
      significant() ++
      failures() ++ verbs() ++ dynamics()
  end

  # ---- starting and stopping -------------------------------------------------------

  defp order do
    [
      {"children start in order, and stop in reverse order", tree(),
       [
         @abc,
         {:shutdown,
          ["stop c shutdown", "stop b shutdown", "stop a shutdown", "stop sup shutdown"]}
       ]},
      {"a nested supervisor's children start and stop in its place",
       tree(
         children: [
           child("a"),
           child("in", tree: tree(children: [child("b"), child("c")])),
           child("d")
         ]
       ),
       [
         {:start, ["start a", "start b", "start c", "start d", "started: ok"]},
         {:shutdown,
          [
            "stop d shutdown",
            "stop c shutdown",
            "stop b shutdown",
            "stop a shutdown",
            "stop sup shutdown"
          ]}
       ]},
      {"a supervisor without children is started and stopped", tree(children: []),
       [{:start, ["started: ok"]}, {:shutdown, ["stop sup shutdown"]}]}
    ]
  end

  # ---- strategies ------------------------------------------------------------------

  defp strategies do
    [
      {"one_for_one restarts the one", tree(),
       [@abc, {{:crash, "b"}, ["stop b crash", "start b"]}]},
      {"one_for_all stops the others in reverse order, and starts all in order",
       tree(strategy: :one_for_all),
       [
         @abc,
         {{:crash, "b"},
          ["stop b crash", "stop c shutdown", "stop a shutdown", "start a", "start b", "start c"]}
       ]},
      {"rest_for_one stops those after it, and starts it and them in order",
       tree(strategy: :rest_for_one),
       [
         @abc,
         {{:crash, "b"}, ["stop b crash", "stop c shutdown", "start b", "start c"]},
         {{:crash, "c"}, ["stop c crash", "start c"]},
         {{:crash, "a"},
          ["stop a crash", "stop c shutdown", "stop b shutdown", "start a", "start b", "start c"]}
       ]},
      {"a temporary child is not restarted when a sibling ends it: one_for_all",
       tree(
         strategy: :one_for_all,
         children: [child("a"), child("b", restart: :temporary), child("c")]
       ),
       [
         @abc,
         {{:crash, "a"},
          ["stop a crash", "stop c shutdown", "stop b shutdown", "start a", "start c"]},
         {:which, ["which: a worker running, c worker running"]}
       ]},
      {"a temporary child is not restarted when a sibling ends it: rest_for_one",
       tree(
         strategy: :rest_for_one,
         children: [child("a"), child("b", restart: :temporary), child("c")]
       ),
       [
         @abc,
         {{:crash, "a"},
          ["stop a crash", "stop c shutdown", "stop b shutdown", "start a", "start c"]}
       ]},
      {"a transient child is restarted when a sibling ends it",
       tree(strategy: :one_for_all, children: [child("a"), child("b", restart: :transient)]),
       [
         {:start, ["start a", "start b", "started: ok"]},
         {{:crash, "a"}, ["stop a crash", "stop b shutdown", "start a", "start b"]}
       ]},
      {"a child that ends for good takes no sibling with it",
       tree(strategy: :one_for_all, children: [child("a", restart: :transient), child("b")]),
       [
         {:start, ["start a", "start b", "started: ok"]},
         {{:finish, "a"}, ["stop a normal"]},
         {:which, ["which: a worker stopped, b worker running"]}
       ]},
      {"one that ended for good is started with the others: one_for_all",
       tree(strategy: :one_for_all, children: [child("a", restart: :transient), child("b")]),
       [
         {:start, ["start a", "start b", "started: ok"]},
         {{:finish, "a"}, ["stop a normal"]},
         {{:crash, "b"}, ["stop b crash", "start a", "start b"]}
       ]}
    ]
  end

  # ---- intensity and period ----------------------------------------------------------

  defp intensity do
    [
      {"more restarts than intensity end all children and the supervisor", tree(intensity: 1),
       [
         @abc,
         {{:crash, "b"}, ["stop b crash", "start b"]},
         {{:crash, "b"},
          ["stop b crash", "stop c shutdown", "stop a shutdown", "stop sup shutdown"]}
       ]},
      {"intensity counts the restarts of all children", tree(intensity: 1),
       [
         @abc,
         {{:crash, "a"}, @crashed},
         {{:crash, "c"},
          ["stop c crash", "stop b shutdown", "stop a shutdown", "stop sup shutdown"]}
       ]},
      {"intensity 0 allows no restart", tree(intensity: 0),
       [
         @abc,
         {{:crash, "a"},
          ["stop a crash", "stop c shutdown", "stop b shutdown", "stop sup shutdown"]}
       ]},
      {"restarts older than period do not count",
       tree(intensity: 1, period: 1, children: [child("a")]),
       [
         @a,
         {{:crash, "a"}, @crashed},
         {{:sleep, 2200}, []},
         {{:crash, "a"}, @crashed},
         {{:sleep, 2200}, []},
         {{:crash, "a"}, @crashed},
         {{:crash, "a"}, ["stop a crash", "stop sup shutdown"]}
       ]},
      {"one_for_all counts one restart for all", tree(strategy: :one_for_all, intensity: 1),
       [
         @abc,
         {{:crash, "c"},
          ["stop c crash", "stop b shutdown", "stop a shutdown", "start a", "start b", "start c"]},
         {{:crash, "c"},
          ["stop c crash", "stop b shutdown", "stop a shutdown", "stop sup shutdown"]}
       ]},
      {"ends that need no restart do not count",
       tree(
         intensity: 0,
         children: [child("a", restart: :temporary), child("b", restart: :transient)]
       ),
       [
         {:start, ["start a", "start b", "started: ok"]},
         {{:crash, "a"}, ["stop a crash"]},
         {{:finish, "b"}, ["stop b normal"]},
         {:which, ["which: b worker stopped"]}
       ]},
      {"a supervisor that gave up is restarted by its own",
       tree(
         children: [
           child("a"),
           child("in", tree: tree(intensity: 0, children: [child("b"), child("c")]))
         ]
       ),
       [
         @abc,
         {{:crash, "b"}, ["stop b crash", "stop c shutdown", "start b", "start c"]},
         {:which, ["which: a worker running, in supervisor running"]}
       ]},
      {"a transient supervisor that gave up ended with shutdown, and is not restarted",
       tree(
         children: [
           child("in", restart: :transient, tree: tree(intensity: 0, children: [child("a")]))
         ]
       ),
       [
         @a,
         {{:crash, "a"}, ["stop a crash"]},
         {:which, ["which: in supervisor stopped"]}
       ]}
    ]
  end

  # ---- restart types -----------------------------------------------------------------

  @endings [
    {"normal", {:finish, "a"}, "normal", false},
    {"shutdown", {:exit, "a", :shutdown}, "shutdown", false},
    {"{shutdown, _}", {:exit, "a", {:shutdown, 1}}, "shutdown,_", false},
    {"another reason", {:crash, "a"}, "crash", true},
    {"killed", {:exit, "a", :kill}, "killed", true}
  ]

  defp restarts do
    for restart <- [:permanent, :transient, :temporary],
        {name, step, reason, failure?} <- @endings do
      again? = restart == :permanent or (restart == :transient and failure?)

      state =
        %{permanent: "a worker running", transient: "a worker stopped", temporary: ""}[restart]

      {"#{restart} after #{name}", one(restart: restart),
       [
         @a,
         {step, ["stop a #{reason}" | if(again?, do: ["start a"], else: [])]},
         {:which, ["which: #{if again?, do: "a worker running", else: state}"]}
       ]}
    end
  end

  # ---- shutdown ----------------------------------------------------------------------

  defp shutdowns do
    [
      {"brutal_kill kills", one(shutdown: :brutal_kill),
       [@a, {:shutdown, ["stop a killed", "stop sup shutdown"]}]},
      {"a time that is long enough ends in order", one(shutdown: 5000),
       [@a, {{:linger, "a", 100}, []}, {:shutdown, ["stop a shutdown", "stop sup shutdown"]}]},
      {"a time that is too short kills", one(shutdown: 100),
       [@a, {{:linger, "a", 5000}, []}, {:shutdown, ["stop a killed", "stop sup shutdown"]}]},
      {"infinity waits", one(shutdown: :infinity),
       [@a, {{:linger, "a", 300}, []}, {:shutdown, ["stop a shutdown", "stop sup shutdown"]}]},
      {"the next one stops when the one before has stopped",
       tree(children: [child("a"), child("b"), child("c", shutdown: 100)]),
       [
         @abc,
         {{:linger, "c", 5000}, []},
         {{:linger, "b", 100}, []},
         {:shutdown, ["stop c killed", "stop b shutdown", "stop a shutdown", "stop sup shutdown"]}
       ]},
      {"siblings that a strategy ends get their shutdown time",
       tree(strategy: :one_for_all, children: [child("a"), child("b", shutdown: 100)]),
       [
         {:start, ["start a", "start b", "started: ok"]},
         {{:linger, "b", 5000}, []},
         {{:crash, "a"}, ["stop a crash", "stop b killed", "start a", "start b"]}
       ]}
    ]
  end

  # ---- significant children ----------------------------------------------------------

  defp significant do
    keys = [key("a"), child("b"), key("c")]

    [
      {"any_significant: the first that ends ends all",
       tree(auto_shutdown: :any_significant, children: keys),
       [
         @abc,
         {{:finish, "a"},
          ["stop a normal", "stop c shutdown", "stop b shutdown", "stop sup shutdown"]}
       ]},
      {"all_significant: the last that ends ends all",
       tree(auto_shutdown: :all_significant, children: keys),
       [
         @abc,
         {{:finish, "a"}, ["stop a normal"]},
         {{:finish, "c"}, ["stop c normal", "stop b shutdown", "stop sup shutdown"]}
       ]},
      {"never refuses a significant child", tree(auto_shutdown: :never, children: keys),
       [{:start, ["started: bad_combination"]}]},
      {"a permanent child cannot be significant",
       tree(auto_shutdown: :any_significant, children: [key("a", :permanent)]),
       [{:start, ["started: bad_combination"]}]},
      {"a significant transient child that fails is restarted",
       tree(auto_shutdown: :any_significant, children: keys), [@abc, {{:crash, "a"}, @crashed}]},
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
         @abc,
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
       [@abc, {{:start_child, key("d")}, ["start_child: bad_combination"]}]}
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
         @abc,
         {{:plan, "b", [:fail, :fail]}, []},
         {{:crash, "b"}, ["stop b crash", "failed b", "failed b", "start b"]}
       ]},
      {"each try counts as a restart", tree(),
       [
         @abc,
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
         @abc,
         {{:plan, "b", [:fail]}, []},
         {{:crash, "c"},
          ["stop c crash", "stop b shutdown", "stop a shutdown", "start a", "failed b"] ++
            ["stop a shutdown", "start a", "start b", "start c"]}
       ]},
      {"rest_for_one: a restart that fails in the middle starts again from there",
       tree(strategy: :rest_for_one),
       [
         @abc,
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
         @a,
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

  # ---- changing the tree -------------------------------------------------------------

  defp verbs do
    [
      {"start_child adds one at the end", tree(strategy: :rest_for_one),
       [
         @abc,
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
       [@abc, {{:start_child, child("b")}, ["start_child: already_started"]}]},
      {"start_child: already_present", tree(),
       [
         @abc,
         {{:terminate, "b"}, ["stop b shutdown", "terminate: ok"]},
         {{:start_child, child("b")}, ["start_child: already_present"]}
       ]},
      {"start_child: what fails is not kept", tree(),
       [
         @abc,
         {{:plan, "d", [:fail]}, []},
         {{:start_child, child("d")}, ["failed d", "start_child: failed"]},
         {:which, ["which: a worker running, b worker running, c worker running"]},
         {{:start_child, child("d")}, ["start d", "start_child: ok"]}
       ]},
      {"start_child: a temporary one that fails is not kept", tree(),
       [
         @abc,
         {{:plan, "d", [:fail]}, []},
         {{:start_child, child("d", restart: :temporary)}, ["failed d", "start_child: failed"]},
         {:count, ["count: 3 3 0 3"]}
       ]},
      {"start_child of a supervisor", tree(),
       [
         @abc,
         {{:start_child, child("in", tree: tree(children: [child("d"), child("e")]))},
          ["start d", "start e", "start_child: ok"]},
         {:count, ["count: 4 4 1 3"]},
         {{:crash, "d"}, ["stop d crash", "start d"]},
         {{:terminate, "in"}, ["stop e shutdown", "stop d shutdown", "terminate: ok"]},
         {{:restart, "in"}, ["start d", "start e", "restart: ok"]}
       ]},
      {"start_child of a supervisor whose second child fails", tree(),
       [
         @abc,
         {{:plan, "e", [:fail]}, []},
         {{:start_child, child("in", tree: tree(children: [child("d"), child("e")]))},
          ["start d", "failed e", "stop d shutdown", "start_child: failed"]},
         {:count, ["count: 3 3 0 3"]}
       ]},
      {"what was added is lost when the supervisor itself is restarted",
       tree(children: [child("in", tree: tree(intensity: 0, children: [child("a")]))]),
       [@a, {{:crash, "a"}, @crashed}, {:count, ["count: 1 1 1 0"]}]},
      {"terminate_child keeps the child, but does not restart it", tree(),
       [
         @abc,
         {{:terminate, "b"}, ["stop b shutdown", "terminate: ok"]},
         {:which, ["which: a worker running, b worker stopped, c worker running"]},
         {:count, ["count: 3 2 0 3"]}
       ]},
      {"terminate_child of a temporary child removes it", one(restart: :temporary),
       [
         @a,
         {{:terminate, "a"}, ["stop a shutdown", "terminate: ok"]},
         {:count, ["count: 0 0 0 0"]}
       ]},
      {"terminate_child of a child that is stopped is ok", tree(),
       [
         @abc,
         {{:terminate, "b"}, ["stop b shutdown", "terminate: ok"]},
         {{:terminate, "b"}, ["terminate: ok"]}
       ]},
      {"terminate_child takes no sibling with it", tree(strategy: :one_for_all),
       [@abc, {{:terminate, "a"}, ["stop a shutdown", "terminate: ok"]}]},
      {"terminate_child does not count as a restart", tree(intensity: 0),
       [
         @abc,
         {{:terminate, "a"}, ["stop a shutdown", "terminate: ok"]},
         {{:restart, "a"}, ["start a", "restart: ok"]}
       ]},
      {"terminate_child: not_found", tree(),
       [@abc, {{:terminate, "x"}, ["terminate: not_found"]}]},
      {"restart_child starts what was ended", tree(),
       [
         @abc,
         {{:terminate, "b"}, ["stop b shutdown", "terminate: ok"]},
         {{:restart, "b"}, ["start b", "restart: ok"]},
         {{:crash, "b"}, ["stop b crash", "start b"]}
       ]},
      {"restart_child keeps the place in the order", tree(),
       [
         @abc,
         {{:terminate, "a"}, ["stop a shutdown", "terminate: ok"]},
         {{:restart, "a"}, ["start a", "restart: ok"]},
         {:shutdown,
          ["stop c shutdown", "stop b shutdown", "stop a shutdown", "stop sup shutdown"]}
       ]},
      {"restart_child of a transient child that ended", one(restart: :transient),
       [@a, {{:finish, "a"}, ["stop a normal"]}, {{:restart, "a"}, ["start a", "restart: ok"]}]},
      {"restart_child: running, not_found", tree(),
       [@abc, {{:restart, "a"}, ["restart: running"]}, {{:restart, "x"}, ["restart: not_found"]}]},
      {"restart_child that fails leaves the child stopped", tree(),
       [
         @abc,
         {{:terminate, "b"}, ["stop b shutdown", "terminate: ok"]},
         {{:plan, "b", [:fail]}, []},
         {{:restart, "b"}, ["failed b", "restart: failed"]},
         {:which, ["which: a worker running, b worker stopped, c worker running"]}
       ]},
      {"delete_child forgets what was ended", tree(),
       [
         @abc,
         {{:terminate, "b"}, ["stop b shutdown", "terminate: ok"]},
         {{:delete, "b"}, ["delete: ok"]},
         {:which, ["which: a worker running, c worker running"]},
         {{:restart, "b"}, ["restart: not_found"]},
         {{:start_child, child("b")}, ["start b", "start_child: ok"]}
       ]},
      {"delete_child: running, not_found", tree(),
       [@abc, {{:delete, "a"}, ["delete: running"]}, {{:delete, "x"}, ["delete: not_found"]}]},
      {"which_children and count_children",
       tree(children: [child("a"), child("in", tree: tree(children: []))]),
       [
         @a,
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
         {{:crash, "a"}, @crashed},
         {:shutdown, ["stop b shutdown", "stop a shutdown", "stop sup shutdown"]}
       ]}
    ]
  end
end
