defmodule Rebeam.AssumptionsTest do
  # What the project takes for granted of OTP and Elixir though neither promises it. A test that
  # fails here says what a new version changed, which file leans on it, and what to do.
  use ExUnit.Case, async: true

  alias Rebeam.Units.Epmd
  alias Rebeam.Value.Codec

  @otp String.to_integer(System.otp_release())

  defmodule Echo do
    use GenServer
    def start_link(_), do: GenServer.start_link(__MODULE__, nil)
    @impl true
    def init(nil), do: {:ok, nil}
    @impl true
    def handle_call(:dictionary, _from, nil), do: {:reply, Process.get(), nil}
    @impl true
    def handle_cast({:fail, reason}, nil), do: exit(reason)
  end

  defmodule Machine do
    @behaviour :gen_statem
    @impl true
    def callback_mode, do: :handle_event_function
    @impl true
    def init(nil), do: {:ok, :on, nil}
    @impl true
    def handle_event(:cast, {:fail, reason}, :on, nil), do: exit(reason)
  end

  defmodule Slow do
    use GenServer
    def start_link(test), do: GenServer.start_link(__MODULE__, test)
    @impl true
    def init(test) do
      Process.flag(:trap_exit, true)
      {:ok, test}
    end

    @impl true
    def terminate(_reason, test) do
      send(test, {:ending, self()})

      receive do
        :go -> :ok
      end
    end
  end

  defmodule Tree do
    @behaviour :supervisor
    @impl true
    def init({strategy, children}), do: {:ok, {%{strategy: strategy, intensity: 0}, children}}
  end

  # Of a failure: what was so, where that is used, and what to do.
  defp text(what, file, remedy), do: "no longer so: #{what}\nleaned on by #{file}\n#{remedy}"

  # ---- standard input ------------------------------------------------------------------------

  if @otp < 26 do
    test "the process `user` reads standard input by a port that is linked to it" do
      {:links, links} = Process.info(Process.whereis(:user), :links)

      assert Enum.any?(links, &is_port/1),
             text(
               "`user` is linked to the port that reads",
               "lib/rebeam/cli/handover/user_port.ex",
               "Without it Stdin takes UserReader, and what was read ahead is lost."
             )
    end
  end

  if @otp in 26..27 do
    # Way on without it: UserReader does not trace then. Only the first bytes of a character that
    # was cut in two are lost.
    test "a process reads standard input in prim_tty's reader_loop/6" do
      assert {:reader_loop, 6} in :prim_tty.module_info(:functions),
             text(
               "prim_tty reads in reader_loop/6, the last argument being the bytes kept back",
               "lib/rebeam/cli/handover/user_reader.ex (@loop, kept_back/1)",
               "Find the loop's new name and arguments."
             )
    end

    test "what was read and not asked for is in the mailbox of `user`, from `user_drv`" do
      wait = """
      Wait = fun Again() ->
        case process_info(whereis(user), messages) of
          {messages, []} -> timer:sleep(10), Again();
          {messages, Read} -> Read
        end
      end,
      Names = [user_drv, user_drv_reader],
      io:format("~w.", [{[is_pid(whereis(Name)) || Name <- Names],
        [{Sender =:= whereis(user_drv), What} || {Sender, What} <- Wait()]}]),
      halt().
      """

      # Its last byte is half a character.
      assert answer(wait, <<"abc", 0xC3>>) == {[true, true], [{true, {:data, "abc"}}]},
             text(
               "prim_tty's reader sends what it reads to user_drv, and that to user as {:data, text}",
               "lib/rebeam/cli/handover/user_reader.ex (watch/1, waiting/1)",
               "No way on: see where prim_tty and group keep what nobody has asked for."
             )
    end

    # Of a VM whose standard input is a pipe, open until it ends.
    defp answer(code, input) do
      options = [:binary, :exit_status, args: ["-noshell", "-eval", code]]
      port = Port.open({:spawn_executable, System.find_executable("erl")}, options)
      Port.command(port, input)
      {:ok, tokens, _} = port |> output("") |> String.to_charlist() |> :erl_scan.string()
      {:ok, term} = :erl_parse.parse_term(tokens)
      term
    end

    defp output(port, text) do
      receive do
        {^port, {:data, more}} -> output(port, text <> more)
        {^port, {:exit_status, 0}} -> text
      after
        60_000 -> flunk("nothing came to the mailbox of `user`; so far: #{inspect(text)}")
      end
    end
  end

  # From OTP 28 on UserReader finds nothing, and all is left for the program.
  if @otp >= 28 do
    test "standard input is not read before somebody asks" do
      look = """
      timer:sleep(300),
      {ok, Place} = file:read_file("/proc/self/fdinfo/0"),
      io:format("~w.", [lists:sublist(string:lexemes(binary_to_list(Place), "\t\n"), 2)]),
      halt().
      """

      command = ["-c", ~s(exec erl -noshell -eval "$0" <"$1"), look, __ENV__.file]

      {:ok, tokens, _} =
        "sh" |> System.cmd(command) |> elem(0) |> to_charlist() |> :erl_scan.string()

      assert :erl_parse.parse_term(tokens) == {:ok, [~c"pos:", ~c"0"]},
             text(
               "a VM leaves its standard input alone until somebody asks for it",
               "lib/rebeam/cli/handover/user_reader.ex",
               "See what reads ahead, and where it keeps that."
             )
    end
  end

  # ---- how processes start ---------------------------------------------------------------------

  test "a process of proc_lib's knows its ancestors and its first call" do
    {:ok, pid} = Echo.start_link(nil)
    dictionary = GenServer.call(pid, :dictionary)

    assert [parent | _] = dictionary[:"$ancestors"]

    assert parent == self(),
           text(
             "the dictionary has the parent first in $ancestors",
             "lib/rebeam/actor/exits.ex (parent/0), trees/host.ex, trees/processes.ex, units/remote.ex",
             "No way on: Process.info(pid, :parent) has only one of them, and from OTP 25 on."
           )

    assert dictionary[:"$initial_call"] == {Echo, :init, 1},
           text(
             "the dictionary has the first call in $initial_call",
             "lib/rebeam/units/remote.ex (init_it), which sets it",
             "Without it only tools show another name for actors of units."
           )
  end

  test "a supervisor says of itself that it is one" do
    {:ok, elixir} = Supervisor.start_link([], strategy: :one_for_one)
    {:ok, erlang} = :supervisor.start_link(Tree, {:one_for_one, []})
    {:ok, dynamic} = DynamicSupervisor.start_link([])

    for pid <- [elixir, erlang, dynamic] do
      assert {:supervisor, _, 1} = :proc_lib.translate_initial_call(pid),
             text(
               "proc_lib translates a supervisor's first call to {:supervisor, module, 1}",
               "lib/rebeam/trees/children.ex (check/1)",
               "Without it start_child and others refuse supervisors that are none of Python's."
             )
    end

    assert %DynamicSupervisor{} = :sys.get_state(dynamic),
           text(
             "the state of a DynamicSupervisor is its struct",
             "lib/rebeam/trees/children.ex (kind/2)",
             "Tell it from Erlang's another way; a wrong kind refuses or mistakes its children."
           )
  end

  # Of the state's positions nothing is asked any more: the answer is documented.
  test "only one that is simple_one_for_one says so when it is asked to end an id" do
    child = %{id: :simple, start: {Echo, :start_link, []}}
    {:ok, simple} = :supervisor.start_link(Tree, {:simple_one_for_one, [child]})
    {:ok, static} = :supervisor.start_link(Tree, {:one_for_one, []})

    why =
      text("terminate_child tells", "lib/rebeam/trees/children.ex (kind/2)", "See its manual.")

    assert :supervisor.terminate_child(simple, make_ref()) == {:error, :simple_one_for_one}, why
    assert :supervisor.terminate_child(static, make_ref()) == {:error, :not_found}, why
  end

  test "a supervisor that ends a child monitors it" do
    child = %{id: :slow, start: {Slow, :start_link, [self()]}}
    {:ok, sup} = :supervisor.start_link(Tree, {:one_for_one, [child]})
    task = Task.async(fn -> :supervisor.terminate_child(sup, :slow) end)
    assert_receive {:ending, pid}, 20_000

    assert {:monitors, [process: ^pid]} = Process.info(sup, :monitors),
           text(
             "a supervisor monitors the child that it ends",
             "lib/rebeam/child/lineage.ex (waits?/3)",
             "Without it a child that asks its supervisor while it ends waits for ever."
           )

    send(pid, :go)
    assert Task.await(task) == :ok
  end

  test "what a start function says comes from start_child with the child, else without" do
    {:ok, sup} = :supervisor.start_link(Tree, {:one_for_one, []})
    bad = %{id: :bad, start: {:erlang, :hd, [[{:error, :on_purpose}]]}}
    good = %{id: :good, start: {Echo, :start_link, [nil]}}

    assert {:error, {:on_purpose, child}} = :supervisor.start_child(sup, bad)

    assert elem(child, 0) == :child,
           text(
             "a child that fails to start comes as a record `child`",
             "lib/rebeam/trees/children.ex (start_spec/3)",
             "Tell the start function's words from the supervisor's another way."
           )

    assert {:ok, pid} = :supervisor.start_child(sup, good)
    assert {:error, {:already_started, ^pid}} = :supervisor.start_child(sup, good)
    assert :ok = :supervisor.terminate_child(sup, :good)
    assert {:error, :already_present} = :supervisor.start_child(sup, good)
  end

  # init_p is not called any more: proc_lib's own spawn_opt with a node is documented.
  test "a generic server that is started by hand tells its starter {:ack, pid, result}" do
    for {gen, module} <- [gen_server: Echo, gen_statem: Machine] do
      me = self()
      start = fn -> :gen.init_it(gen, me, me, module, nil, []) end
      {pid, monitor} = :proc_lib.spawn_opt(start, [:link, :monitor])

      assert_receive {:ack, ^pid, {:ok, ^pid}},
                     20_000,
                     text(
                       "gen:init_it/6 starts a #{gen}, which sends {:ack, pid, result}",
                       "lib/rebeam/units/remote.ex (do_start_link/2, init_it/5)",
                       "Call what proc_lib:start_link and gen:start call now."
                     )

      Process.demonitor(monitor, [:flush])
    end
  end

  test "one that fails to start tells so, or ends with the reason" do
    {pid, monitor} =
      :proc_lib.spawn_opt(:proc_lib, :init_ack, [self(), {:error, :why}], [:monitor])

    assert_receive {:ack, ^pid, {:error, :why}}, 20_000
    assert_receive {:DOWN, ^monitor, :process, ^pid, :normal}, 20_000

    if function_exported?(:proc_lib, :init_fail, 3) do
      arguments = [self(), {:error, :why}, {:exit, :shutdown}]
      {pid, _} = :proc_lib.spawn_opt(:proc_lib, :init_fail, arguments, [:monitor])

      assert_receive {:nack, ^pid, {:error, :why}},
                     20_000,
                     text(
                       "proc_lib:init_fail sends {:nack, pid, result}",
                       "lib/rebeam/units/remote.ex (do_start_link/2)",
                       "Receive what it sends now, or failed starts in units lose their reason."
                     )
    end
  end

  if @otp >= 27 do
    test "tools find a process' label under $process_label" do
      Process.put(:"$process_label", "label")

      assert apply(:proc_lib, :get_label, [self()]) == "label",
             text(
               "a label is in the dictionary, under $process_label",
               "lib/rebeam/actor.ex (new/2), message/debug.ex, log.ex",
               "proc_lib:set_label/1 where there is one; without it only tools show no label."
             )
    end
  end

  # ---- messages --------------------------------------------------------------------------------

  test "a call is {:$gen_call, {pid, [:alias | reference]}, request}, a cast {:$gen_cast, request}" do
    me = self()
    caller = Task.async(fn -> GenServer.call(me, :question) end)

    assert_receive {:"$gen_call", {pid, [:alias | reference]} = from, :question},
                   20_000,
                   text(
                     "a call is {:$gen_call, {pid, [:alias | reference]}, request}",
                     "lib/rebeam/message/requests.ex, post.ex, loans.ex; c_src/message/request.c",
                     "No way on: all calls between Python and Elixir have this shape."
                   )

    assert pid == caller.pid and is_reference(reference)
    GenServer.reply(from, :answer)
    assert Task.await(caller) == :answer

    GenServer.cast(me, :told)

    assert_receive {:"$gen_cast", :told},
                   20_000,
                   text(
                     "a cast is {:$gen_cast, request}",
                     "lib/rebeam/message/post.ex, timers.ex, actor.ex",
                     "No way on: all casts between Python and Elixir have this shape."
                   )
  end

  test "an answer goes back under any tag, to an alias if it is one" do
    why =
      text(
        "GenServer.reply({pid, tag}, reply) sends {tag, reply}",
        "c_src/message/request.c (request_tag), lib/rebeam/message/requests.ex",
        "Tags of our own have to be such that OTP's reply leaves them as they are."
      )

    GenServer.reply({self(), [:"$rebeam" | 7]}, :first)
    assert_receive {[:"$rebeam" | 7], :first}, 20_000, why

    {:ok, asked} = Echo.start_link(nil)
    alias = :erlang.monitor(:process, asked, alias: :reply_demonitor)
    GenServer.reply({spawn(fn -> :ok end), [:alias | alias]}, :second)
    assert_receive {[:alias | ^alias], :second}, 20_000, why
  end

  # There is no other way to have hidden nodes share groups than to say what pg says.
  test "a pg scope that is told {:discover, pid} answers with its members, and watches pid" do
    scope = :rebeam_assumptions
    {:ok, pg} = :pg.start_link(scope)
    :ok = :pg.join(scope, "group", self())
    send(pg, {:discover, self()})

    assert_receive {:"$gen_cast", {:sync, ^pg, groups}},
                   20_000,
                   text(
                     "a scope of pg takes {:discover, pid} and answers with {:sync, pid, groups}",
                     "lib/rebeam/message/groups.ex (discover/1)",
                     "No way on: groups of units that are processes would not know each other."
                   )

    assert groups == [{"group", [self()]}]
    {:monitors, monitors} = Process.info(pg, :monitors)
    assert {:process, self()} in monitors
  end

  # ---- nodes ---------------------------------------------------------------------------------

  test "a module of node discovery has the functions of OTP's own" do
    wanted = [
      address_please: 3,
      listen_port_please: 2,
      names: 1,
      port_please: 2,
      port_please: 3,
      register_node: 2,
      register_node: 3,
      start_link: 0
    ]

    for {_, _} = each <- wanted, module <- [:erl_epmd, Epmd] do
      Code.ensure_loaded!(module)

      assert each in module.module_info(:exports),
             text(
               "#{inspect(module)} has #{inspect(each)}",
               "lib/rebeam/units/epmd.ex, address.ex",
               "See which functions net_kernel and inet_tcp_dist call. A unit is found by nobody else."
             )
    end
  end

  # ---- reports ---------------------------------------------------------------------------------

  @tag :capture_log
  test "crashes are reported with these labels and keys" do
    name = :rebeam_assumptions
    # The last one that was added is asked first, or it would see what Logger made of a report.
    :ok = :logger.add_primary_filter(name, {&send_on/2, self()})
    on_exit(fn -> :logger.remove_primary_filter(name) end)
    Process.flag(:trap_exit, true)
    {:ok, server} = Echo.start_link(nil)
    {:ok, machine} = :gen_statem.start_link(Machine, nil, [])
    child = %{id: :only, start: {Echo, :start_link, [nil]}}
    {:ok, sup} = :supervisor.start_link(Tree, {:one_for_one, [child]})
    [{:only, only, _, _}] = :supervisor.which_children(sup)

    :ok = GenServer.cast(server, {:fail, :assumed_of_server})
    :ok = :gen_statem.cast(machine, {:fail, :assumed_of_machine})
    :ok = GenServer.cast(only, {:fail, :assumed_of_child})

    report(
      {:gen_server, :terminate},
      "has the reason, maybe with a stack, under :reason",
      fn it ->
        it.reason == :assumed_of_server or match?({:assumed_of_server, [_ | _]}, it.reason)
      end
    )

    report({:gen_statem, :terminate}, "has {class, reason, stack} under :reason", fn it ->
      match?({:exit, :assumed_of_machine, [_ | _]}, it.reason)
    end)

    report({:proc_lib, :crash}, "has {class, reason, stack} under :error_info", fn it ->
      match?({:exit, :assumed_of_server, _}, hd(it.report)[:error_info])
    end)

    report({:supervisor, :child_terminated}, "has :reason and the child's :id, :mfargs", fn it ->
      it.report[:reason] == :assumed_of_child and it.report[:offender][:pid] == only and
        it.report[:offender][:id] == :only and
        it.report[:offender][:mfargs] == {Echo, :start_link, [nil]}
    end)

    report({:supervisor, :shutdown}, "has :reached_max_restart_intensity under :reason", fn it ->
      it.report[:reason] == :reached_max_restart_intensity and it.report[:offender][:id] == :only
    end)
  end

  defp send_on(event, test) do
    send(test, {:logged, event})
    :ignore
  end

  # Other tests crash as well: waits for a report of that label that is as it is said to be.
  defp report(label, what, so?) do
    receive do
      {:logged, %{msg: {:report, %{label: ^label} = report}}} ->
        if so?.(report), do: report, else: report(label, what, so?)
    after
      20_000 ->
        flunk(
          text(
            "a report #{inspect(label)} #{what}, and comes to a primary filter as it was made",
            "lib/rebeam/log/filter.ex",
            "Without it a crash of Python's is logged twice, or why a tree gave up is not known."
          )
        )
    end
  end

  test "Elixir's Logger logs by a handler whose device can be set before it starts" do
    handlers = :logger.get_handler_ids()

    if Version.match?(System.version(), ">= 1.15.0-dev") do
      assert :default in handlers
      {:ok, %{module: module}} = :logger.get_handler_config(:default)

      assert module == :logger_std_h,
             text(
               "since Elixir 1.15 the handler `default` is OTP's",
               "lib/rebeam/vm/logging.ex (handler/0)",
               "Without it what is logged mixes with the script's standard output."
             )
    else
      assert Logger in handlers
    end
  end

  # ---- values ----------------------------------------------------------------------------------

  test "a MapSet is its elements as the keys of a map, with [] as the values" do
    why =
      text(
        "%MapSet{} has `map`, with [] as each value, and before Elixir 1.15 `version`",
        "c_src/value/erlang/struct.c (value_struct_set); c_src/value/erlang",
        "Fill the fields that it has now. The rest of the codec does not depend on it."
      )

    fields = [1] |> MapSet.new() |> Map.from_struct() |> Map.delete(:version)
    assert fields == %{map: %{1 => []}}, why
    {:ok, packed} = Codec.pack(MapSet.new([1, "two"]))
    assert Codec.unpack(packed) == {:ok, MapSet.new([1, "two"])}, why
  end
end
