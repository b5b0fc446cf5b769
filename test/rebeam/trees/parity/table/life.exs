defmodule Parity.Life do
  @moduledoc false
  # Order, strategies, intensity and period, restart types, shutdown.
  import Parity.Tree

  def rows, do: order() ++ strategies() ++ intensity() ++ restarts() ++ shutdowns()

  # ---- starting and stopping ---------------------------------------------------------

  defp order do
    [
      {"children start in order, and stop in reverse order", tree(),
       [
         abc(),
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

  # ---- strategies --------------------------------------------------------------------

  defp strategies do
    [
      {"one_for_one restarts the one", tree(),
       [abc(), {{:crash, "b"}, ["stop b crash", "start b"]}]},
      {"one_for_all stops the others in reverse order, and starts all in order",
       tree(strategy: :one_for_all),
       [
         abc(),
         {{:crash, "b"},
          ["stop b crash", "stop c shutdown", "stop a shutdown", "start a", "start b", "start c"]}
       ]},
      {"rest_for_one stops those after it, and starts it and them in order",
       tree(strategy: :rest_for_one),
       [
         abc(),
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
         abc(),
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
         abc(),
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
         abc(),
         {{:crash, "b"}, ["stop b crash", "start b"]},
         {{:crash, "b"},
          ["stop b crash", "stop c shutdown", "stop a shutdown", "stop sup shutdown"]}
       ]},
      {"intensity counts the restarts of all children", tree(intensity: 1),
       [
         abc(),
         {{:crash, "a"}, crashed()},
         {{:crash, "c"},
          ["stop c crash", "stop b shutdown", "stop a shutdown", "stop sup shutdown"]}
       ]},
      {"intensity 0 allows no restart", tree(intensity: 0),
       [
         abc(),
         {{:crash, "a"},
          ["stop a crash", "stop c shutdown", "stop b shutdown", "stop sup shutdown"]}
       ]},
      {"restarts older than period do not count",
       tree(intensity: 1, period: 1, children: [child("a")]),
       [
         a(),
         {{:crash, "a"}, crashed()},
         {{:sleep, 2200}, []},
         {{:crash, "a"}, crashed()},
         {{:sleep, 2200}, []},
         {{:crash, "a"}, crashed()},
         {{:crash, "a"}, ["stop a crash", "stop sup shutdown"]}
       ]},
      {"one_for_all counts one restart for all", tree(strategy: :one_for_all, intensity: 1),
       [
         abc(),
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
         abc(),
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
         a(),
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
         a(),
         {step, ["stop a #{reason}" | if(again?, do: ["start a"], else: [])]},
         {:which, ["which: #{if again?, do: "a worker running", else: state}"]}
       ]}
    end
  end

  # ---- shutdown ----------------------------------------------------------------------

  defp shutdowns do
    [
      {"brutal_kill kills", one(shutdown: :brutal_kill),
       [a(), {:shutdown, ["stop a killed", "stop sup shutdown"]}]},
      {"a time that is long enough ends in order", one(shutdown: 5000),
       [a(), {{:linger, "a", 100}, []}, {:shutdown, ["stop a shutdown", "stop sup shutdown"]}]},
      {"a time that is too short kills", one(shutdown: 100),
       [a(), {{:linger, "a", 5000}, []}, {:shutdown, ["stop a killed", "stop sup shutdown"]}]},
      {"infinity waits", one(shutdown: :infinity),
       [a(), {{:linger, "a", 300}, []}, {:shutdown, ["stop a shutdown", "stop sup shutdown"]}]},
      {"the next one stops when the one before has stopped",
       tree(children: [child("a"), child("b"), child("c", shutdown: 100)]),
       [
         abc(),
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
end
