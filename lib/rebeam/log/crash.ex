defmodule Rebeam.Log.Crash do
  @moduledoc false
  # The crash of an actor, as a report of OTP's `:logger`: text for people, fields for machines. Values
  # in it are texts already, as Python shows them.

  alias Rebeam.Log.{Intensity, Work}

  @enforce_keys [:actor, :pid, :work, :traceback]
  defstruct [
    :actor,
    :pid,
    :work,
    :traceback,
    class: "",
    message: "",
    sender: nil,
    seconds: nil,
    trail: [],
    state: "",
    locals: "",
    recording: "",
    supervisor: nil,
    restarts: nil,
    again?: false
  ]

  @typedoc """
    * `work` - what it was at
    * `sender` - who sent what it was at, and what that is called, if that is known
    * `seconds` - for how long it was at that
    * `trail` - whose calls led to it, the nearest first, each with the subject of what it works on
    * `supervisor` - nil if none starts it again or would
    * `restarts` - which one comes now; nil where the log's node has not counted
    * `again?` - it crashed before in the same way, which the log has
  """
  @type t :: %__MODULE__{
          actor: String.t(),
          pid: pid,
          work: Work.t(),
          traceback: String.t(),
          class: String.t(),
          message: String.t(),
          sender: {String.t() | nil, pid} | nil,
          seconds: float | nil,
          trail: [{{String.t() | nil, pid}, String.t() | nil}],
          state: String.t(),
          locals: String.t(),
          recording: String.t(),
          supervisor: Rebeam.Child.Lineage.supervisor() | nil,
          restarts: pos_integer | nil,
          again?: boolean
        }

  @doc "What a crash is that comes again, but for what differs each time."
  @spec way(t) :: iodata
  def way(crash), do: [Work.where(crash.work), crash.message, 0, crash.state, 0, crash.traceback]

  @doc "For handlers of others: what a report's `report_cb` returns."
  @spec format(t) :: {:io.format(), [term]}
  def format(crash), do: {~c"~ts", [text(crash)]}

  @doc "The entry."
  @spec text(t) :: IO.chardata()
  def text(%{again?: true} = crash),
    do: [head(crash), " again in the same way", line("recording", crash.recording)]

  def text(crash) do
    [
      head(crash),
      line("message", crash.message),
      line("sender", sender(crash.sender)),
      line("trail", trail(crash)),
      line("state", crash.state),
      line("supervisor", supervisor(crash)),
      line("recording", crash.recording),
      ["\n", String.trim_trailing(crash.traceback)],
      locals(crash.locals)
    ]
  end

  @doc "Its first line."
  @spec head(t) :: IO.chardata()
  def head(crash) do
    class = if crash.class in ["", crash.actor], do: "", else: " (#{crash.class})"
    long = long(crash.seconds)
    ["actor ", crash.actor, class, " ", pid(crash.pid), " crashed", Work.where(crash.work), long]
  end

  # What went wrong after a long time may be due to that.
  defp long(seconds) when is_float(seconds) and seconds >= 1.0,
    do: [" after ", :erlang.float_to_binary(seconds, decimals: 1), " s"]

  defp long(_nothing), do: ""

  defp line(_name, ""), do: ""
  defp line(name, text), do: ["\n  ", name, ": ", text]

  defp sender(nil), do: ""
  defp sender({nil, pid}), do: pid(pid)
  defp sender({label, pid}), do: [label, " ", pid(pid)]

  defp pid(pid), do: :erlang.pid_to_list(pid)

  # The sender alone has a line of its own.
  defp trail(%{trail: [_, _ | _] = trail} = crash) do
    own = called(crash.actor, Work.step(crash.work))
    others = for {{label, pid}, subject} <- trail, do: called(label || pid(pid), subject)
    [own | others] |> Enum.reverse() |> Enum.intersperse(" -> ")
  end

  defp trail(_crash), do: ""

  defp called(who, nil), do: who
  defp called(who, subject), do: [who, " ", inspect(subject)]

  defp supervisor(%{supervisor: nil}), do: ""

  defp supervisor(%{supervisor: supervisor} = crash) do
    called = [if(supervisor.label, do: [supervisor.label, " "], else: ""), pid(supervisor.pid)]
    does = if first_start?(crash), do: "was starting it", else: does(supervisor, crash.restarts)
    [called, " ", does, " (", Atom.to_string(supervisor.restart), ")"]
  end

  # That fails then, and is not tried again.
  defp first_start?(crash), do: Work.start?(crash.work) and crash.restarts == 1

  # Unless another child makes it give up.
  defp does(%{restart: :temporary}, _restarts), do: "does not start it again"

  defp does(%{limit: {most, seconds}}, restarts) when restarts > most,
    do: "gives up: more than #{count(most)} in #{seconds} s"

  defp does(%{limit: {most, seconds}}, restarts) when restarts != nil,
    do: "starts it again, #{restarts} of #{most} in #{seconds} s"

  defp does(_supervisor, _restarts), do: "starts it again"

  defp count(1), do: "1 restart"
  defp count(most), do: "#{most} restarts"

  defp locals(""), do: ""
  defp locals(text), do: ["\nlocals:\n  ", String.replace(text, "\n", "\n  ")]

  @doc "With the number of its restart, in the node that has the log, by when it was."
  @spec counted(t, Intensity.time()) :: t
  def counted(%{supervisor: %{pid: pid, restart: restart, limit: {_, seconds}}} = crash, time)
      when restart != :temporary,
      do: %{crash | restarts: Intensity.count(pid, seconds, time) + 1}

  def counted(crash, _time), do: crash

  @doc "What machines are told of it, next to its first line."
  @spec fields(t) :: [{atom, term}]
  def fields(crash) do
    {most, seconds} = (crash.supervisor && crash.supervisor.limit) || {nil, nil}

    fields = [
      class: crash.class,
      received: crash.message,
      sender: sender(crash.sender),
      trail: trail(crash),
      seconds: crash.seconds && Float.round(crash.seconds, 6),
      state: crash.state,
      supervisor: crash.supervisor && pid(crash.supervisor.pid),
      restart: crash.supervisor && crash.supervisor.restart,
      restarts: crash.restarts,
      max_restarts: most,
      max_seconds: seconds,
      traceback: crash.traceback,
      locals: crash.locals,
      recording: crash.recording
    ]

    for {key, value} <- fields, value not in [nil, ""], do: {key, value}
  end
end
