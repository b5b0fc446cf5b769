defmodule Rebeam.Log.Work do
  @moduledoc false
  # What an actor was at when something went wrong, in words.

  @machine_work ~w(initial enter call cast unsigned info state_timeout timeout event_timeout)

  @typedoc "Of the native part: which work, under which subject, with which payload, from whom."
  @type t :: {atom, String.t(), payload :: binary | list, sender :: pid | nil}

  @doc "Where, behind what happened."
  @spec where(t) :: iodata
  def where({work, subject, _, _}) when work in [:call, :cast] do
    case machine(subject) do
      {kind, state, subject} -> event(kind, inspect(state), subject)
      nil -> [" in @receive(", inspect(subject), ")"]
    end
  end

  def where({:info, _, _, _}), do: " in @info"
  def where({:run, _, _, _}), do: ""
  def where({:construct, _, _, _}), do: " at its start"
  def where({:continue, _, _, _}), do: " in @start(continues=True)"
  def where({work, _, _, _}), do: [" in @", Atom.to_string(work)]

  @doc "The payload of a message that somebody sent; nil where there is none."
  @spec message(t) :: binary | list | nil
  def message({:info, _, payload, _}), do: payload

  def message({work, subject, payload, _}) when work in [:call, :cast] do
    case machine(subject) do
      {kind, _, _} when kind not in ["info", "call", "cast", "unsigned"] -> nil
      _ -> payload
    end
  end

  def message(_work), do: nil

  @doc "The subject of a message of a caller's; nil where there is none."
  @spec subject(t) :: String.t() | nil
  def subject({work, subject, _, _}) when work in [:call, :cast],
    do: if(String.starts_with?(subject, <<0>>), do: nil, else: subject)

  def subject(_work), do: nil

  @doc "Whether it belongs to a start, which fails with it."
  @spec start?(t) :: boolean
  def start?({work, _, _, _}) when work in [:construct, :start], do: true

  def start?({work, subject, _, _}) when work in [:call, :cast],
    do: match?({"initial", _, _}, machine(subject))

  def start?(_work), do: false

  @doc "What it is in a trail: the subject, also of an event of a state machine."
  @spec step(t) :: String.t() | nil
  def step({work, subject, _, _}) when work in [:call, :cast] do
    case machine(subject) do
      {kind, _, subject} when kind in ["call", "cast", "unsigned"] -> subject
      {_, _, _} -> nil
      nil -> subject
    end
  end

  def step(_work), do: nil

  @doc "A timeout of a state machine."
  @spec timeout(String.t(), String.t()) :: String.t()
  def timeout("timeout", name), do: "timeout #{inspect(name)}"
  def timeout("state_timeout", _), do: "state timeout"
  def timeout("event_timeout", _), do: "event timeout"
  def timeout("info", _), do: "message"

  # Of a state machine: see StateMachine.Step.
  defp machine(subject) do
    case String.split(subject, <<0>>, parts: 4) do
      ["", kind, state, subject] when kind in @machine_work -> {kind, state, subject}
      _ -> nil
    end
  end

  defp event("initial", _, _), do: " at its start"
  defp event("enter", state, _), do: [" in @enter(", state, ")"]
  defp event("info", state, _), do: [" in @info, state ", state]

  defp event(kind, state, subject) when kind in ["call", "cast", "unsigned"],
    do: [" in @event(", inspect(subject), ", state=", state, ")"]

  defp event(kind, state, subject),
    do: [" in @timeout, ", timeout(kind, subject), ", state ", state]
end
