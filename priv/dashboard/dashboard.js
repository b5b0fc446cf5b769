// The page of `rebeam --dashboard`. It asks for what is seen, once a second, and draws it anew; nothing
// else is kept but which tab, which order, which branches are open.
"use strict";

const $ = (id) => document.getElementById(id);
const state = { tab: "actors", sort: "load", open: new Set(), chosen: null, samples: [], control: false, crash: new Set() };
const KEPT = 600; // seconds
const GAP = 10000; // milliseconds

// ---- elements and numbers ------------------------------------------------------------------

// Texts are never read as markup: whatever a program calls its actors, it is text here.
function make(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [key, value] of Object.entries(attributes)) {
    if (key.startsWith("on")) element.addEventListener(key.slice(2), value);
    else if (value === true) element.setAttribute(key, "");
    else if (value !== false && value != null) element.setAttribute(key, value);
  }
  element.append(...children.flat().filter((each) => each != null));
  return element;
}

function scaled(number, base, units) {
  let unit = 0;
  while (Math.abs(number) >= 999.5 && unit < units.length - 1) { number /= base; unit += 1; }
  const text = number !== 0 && Math.abs(number) < 9.95 && (unit > 0 || number % 1) ? number.toFixed(1) : Math.round(number);
  return text + units[unit];
}
const count = (number) => (number < 10000 ? String(Math.round(number)) : scaled(number, 1000, ["", "k", "M", "G"]));
const rate = (number) => (number > 0 && number < 9.95 ? number.toFixed(1) : count(number));
const bytes = (number) => scaled(number, 1024, [" B", " kB", " MB", " GB", " TB"]);
const percent = (part) => Math.round(part * 100) + " %";
function duration(seconds) {
  if (seconds == null) return "";
  if (seconds < 0.0995) return (seconds * 1000).toFixed(1) + " ms";
  if (seconds < 99.5) return seconds.toFixed(1) + " s";
  if (seconds < 5970) return Math.round(seconds / 60) + " min";
  return seconds < 172800 ? Math.round(seconds / 3600) + " h" : Math.round(seconds / 86400) + " d";
}
const called = (actor) => actor.name || actor.id || actor.class || actor.pid;

function doing(actor) {
  if (actor.state === "idle" || actor.state == null) return "";
  const at = actor.subject != null ? `"${actor.subject}"` : actor.work === "run" ? "" : actor.work || "";
  if (!actor.waits_for) return `${at} ${duration(actor.age ?? actor.since)}`.trim();
  return `${at} waits for ${actor.target || actor.waits_for} ${duration(actor.since)}`.trim();
}

// ---- the server ----------------------------------------------------------------------------

async function ask(what, query = {}, options = {}) {
  const answer = await fetch(`/api/${what}?${new URLSearchParams(query)}`, options);
  if (!answer.ok) throw new Error(await answer.text());
  return answer.json();
}
const act = (what, said) =>
  ask(what, {}, { method: "POST", headers: { "x-rebeam": "1" }, body: new URLSearchParams(said) });

// ---- tiles ---------------------------------------------------------------------------------

const TILES = [
  ["actors", "actors", count, (info) => `${count(info.running)} run, ${count(info.waiting)} wait`],
  ["rate", "messages a second", rate, (info) => `${count(info.messages)} by those that live`],
  ["load", "cores in Python", (load) => load.toFixed(2), (info) => `of ${info.cores}`],
  ["queue", "messages that wait", count, () => ""],
  ["memory", "memory", bytes, (info) => `${bytes(info.beam)} of the VM's`],
  ["crashes", "crashes", count, () => ""],
];

function chart(key) {
  const most = Math.max(...state.samples.map((sample) => sample[key]), 1e-9);
  const last = state.samples.length ? state.samples[state.samples.length - 1].time : 0;
  // Where nobody looked there is nothing: the line begins anew.
  let line = "", area = "", from = null, before = null;
  for (const sample of state.samples) {
    const x = 100 - (last - sample.time) / (10 * KEPT);
    const go = before !== null && sample.time - before.time < GAP;
    if (!go && from !== null) area += `V34H${from.toFixed(2)}Z`;
    if (!go) from = x;
    const point = `${go ? "L" : "M"}${x.toFixed(2)},${(33 - (31 * sample[key]) / most).toFixed(2)}`;
    line += point;
    area += point;
    before = sample;
  }
  if (from !== null) area += `V34H${from.toFixed(2)}Z`;
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  svg.setAttribute("viewBox", "0 0 100 34");
  svg.setAttribute("preserveAspectRatio", "none");
  for (const [name, path] of [["area", area], ["line", line]]) {
    const element = document.createElementNS("http://www.w3.org/2000/svg", "path");
    element.setAttribute("class", name);
    element.setAttribute("d", path);
    svg.append(element);
  }
  return svg;
}

function drawTiles(info, script) {
  $("tiles").replaceChildren(
    ...TILES.map(([key, title, show, more]) =>
      make("div", { class: "tile", title: "the last ten minutes" },
        make("span", {}, title), make("b", {}, show(info[key])), make("span", {}, more(info) || "\u00a0"), chart(key))));
  $("what").textContent =
    `${script || "prompt"} · process ${info.os_pid} · ${info.node} · up ${duration(info.uptime)} · ${info.python || ""} · OTP ${info.otp} · ${info.version}`;
}

// ---- tables --------------------------------------------------------------------------------

const ACTORS = [
  ["name", (a) => called(a)],
  ["class", (a) => a.class || "", "soft"],
  ["unit", (a) => a.unit, "soft"],
  ["state", (a) => make("span", { class: `state ${a.state}` }, a.state)],
  ["at", (a) => doing(a), "", "age"],
  ["queue", (a) => count(a.queue), "n", "queue"],
  ["msg/s", (a) => rate(a.rate), "n", "rate"],
  ["load", (a) => [loadBar(a.load), percent(a.load)], "n", "load"],
  ["messages", (a) => count(a.messages), "n", "messages"],
  ["busy", (a) => duration(a.busy), "n", "busy"],
  ["memory", (a) => bytes(a.memory), "n", "memory"],
  ["restarts", (a) => count(a.restarts), "n", "restarts"],
  ["process", (a) => a.pid, "soft"],
];
const CLASSES = [
  ["class", (c) => c.class || "other"], ["kind", (c) => c.kind || "", "soft"],
  ["count", (c) => count(c.count), "n"], ["run", (c) => count(c.running), "n"], ["wait", (c) => count(c.waiting), "n"],
  ["queue", (c) => count(c.queue), "n"], ["msg/s", (c) => rate(c.rate), "n"],
  ["load", (c) => [loadBar(c.load), percent(c.load)], "n"], ["messages", (c) => count(c.messages), "n"],
  ["busy", (c) => duration(c.busy), "n"], ["units", (c) => (c.units || []).join(", "), "soft"],
];
const WAITS = [
  ["who waits", (w) => called(w.waiter)], ["at", (w) => (w.waiter.subject ? `"${w.waiter.subject}"` : ""), "soft"],
  ["for", (w) => called(w.target)], ["who is", (w) => w.target.state ? make("span", { class: `state ${w.target.state}` }, `${w.target.state} ${w.target.subject ? `"${w.target.subject}"` : ""}`) : "", "soft"],
  ["since", (w) => duration(w.since), "n"], ["", (w) => (w.cycle ? make("b", { class: "bad" }, "in a cycle") : "")],
];

const loadBar = (load) => {
  const bar = make("i");
  bar.style.width = `${Math.min(100, load * 100)}%`;
  return make("span", { class: "load" }, bar);
};

function table(columns, rows, pidOf) {
  const head = columns.map(([title, , kind = "", sort]) =>
    make("th", {
      class: `${kind} ${sort ? "sort" : ""} ${sort && sort === state.sort ? "sorted" : ""}`, scope: "col",
      ...(sort ? { onclick: () => { state.sort = sort; refresh(); } } : {}),
    }, title));
  const body = rows.map((row) => {
    const pid = pidOf(row);
    return make("tr", { "data-pid": pid, class: pid && pid === state.chosen ? "chosen" : "", ...(pid ? { onclick: () => choose(pid) } : {}) },
      columns.map(([, show, kind = ""]) => make("td", { class: kind }, show(row))));
  });
  return make("table", {}, make("thead", {}, make("tr", {}, head)), make("tbody", {}, body));
}
const empty = (text) => make("p", { class: "empty" }, text);

// ---- trees ---------------------------------------------------------------------------------

function branch(entry, depth) {
  const supervisor = entry.type === "supervisor";
  const open = depth === 0 || state.open.has(entry.pid);
  const actor = entry.actor;
  const more = [];
  if (supervisor) more.push(make("span", { class: "soft" }, `${entry.strategy || ""} ${count(entry.count)} ${entry.count === 1 ? "child" : "children"}`));
  if (actor) more.push(actor.class && actor.class !== (actor.name || entry.id) ? make("span", { class: "soft" }, actor.class) : null, make("span", {}, doing(actor)),
    actor.queue ? make("span", {}, `queue ${count(actor.queue)}`) : null, actor.rate ? make("span", { class: "soft" }, `${rate(actor.rate)}/s`) : null);
  if (entry.restarts) more.push(make("span", { class: "soft" }, entry.restarts === 1 ? "restarted once" : `restarted ${count(entry.restarts)} times`));
  const click = () => {
    if (!supervisor) { if (entry.pid) choose(entry.pid); return; }
    if (depth > 0) { if (open) state.open.delete(entry.pid); else state.open.add(entry.pid); refresh(); }
  };
  const item = make("span", { class: "item", onclick: click },
    make("span", { class: "fold" }, supervisor ? (open ? "▾" : "▸") : ""),
    make("span", { class: `state ${actor ? actor.state : entry.state}` },
      supervisor ? make("b", {}, entry.id) : (actor && actor.name) || entry.id), more);
  const hidden = supervisor && open ? entry.count - entry.children.length : 0;
  return make("li", {}, item, supervisor && open
    ? make("ul", {}, entry.children.map((child) => branch(child, depth + 1)),
        hidden > 0 ? make("li", { class: "soft" }, `and ${count(hidden)} more`) : null) : null);
}

// ---- crashes -------------------------------------------------------------------------------

function crash(each) {
  const key = `${each.who} ${each.first}`;
  const time = new Date(each.last / 1000).toLocaleTimeString();
  return make("details", { class: "crash", open: state.crash.has(key), ontoggle: (event) => event.target.open ? state.crash.add(key) : state.crash.delete(key) },
    make("summary", {}, make("b", {}, each.who), make("span", {}, each.reason.split("\n")[0]),
      make("span", { class: "soft" }, each.subject ? `at "${each.subject}"` : each.work || ""),
      make("span", { class: "soft" }, `${each.count > 1 ? `${count(each.count)} times, ` : ""}${time}`)),
    make("pre", {}, each.traceback || each.reason));
}

// ---- one actor -----------------------------------------------------------------------------

function choose(pid) {
  state.chosen = pid;
  state.note = "";
  $("reply").textContent = "";
  where();
  refresh();
}

async function send(event) {
  event.preventDefault();
  const reply = $("reply"), pid = state.chosen;
  reply.textContent = "…";
  reply.className = "";
  try {
    const said = { pid, subject: $("subject").value, message: $("literal").value };
    const { status, shown } = await act($("kind").value, said);
    if (pid === state.chosen) reply.textContent = shown === "" ? status : `${status}: ${shown}`;
  } catch (error) {
    if (pid !== state.chosen) return;
    reply.textContent = error.message;
    reply.className = "bad";
  }
}

function drawDetail({ actor, stacks }) {
  const facts = [
    ["process", actor.pid], ["class", actor.class], ["unit", actor.unit], ["state", `${actor.state} ${duration(actor.since)}`],
    ["at", doing(actor)], ["asked by", actor.caller], ["supervisor", actor.supervisor], ["messages", `${count(actor.messages)}, ${rate(actor.rate)}/s, ${count(actor.queue)} wait`],
    ["busy", `${duration(actor.busy)}, ${percent(actor.load)} now`], ["restarts", count(actor.restarts)],
  ];
  const close = make("button", { class: "small", title: "close", onclick: () => choose(null) }, "✕");
  const buttons = ["stop", "kill"].map((what) => make("button", { class: "small", onclick: async () => {
    try { await act(what, { pid: actor.pid }); state.note = what === "stop" ? "it was asked to end" : "it was killed"; } catch (error) { state.note = error.message; }
    refresh();
  } }, what === "stop" ? "Stop" : "Kill"));
  $("message").hidden = !state.control;
  $("facts").replaceChildren(
    make("h2", {}, called(actor), close),
    make("dl", {}, facts.filter(([, value]) => value).flatMap(([name, value]) => [make("dt", {}, name), make("dd", {}, value)])),
    ...(state.control ? [make("p", {}, buttons[0], " ", buttons[1])] : []),
    make("p", { class: "soft" }, state.note || ""));
  $("where").replaceChildren(
    ...(stacks === null ? [make("p", {}, "Where its code is, Python does not say now: its interpreter is held.")]
      : stacks.length === 0 ? [make("p", { class: "soft" }, "Nothing of it runs.")] : stacks.map(stack)));
}

const stack = (each) => make("div", {},
  make("b", {}, each.task || "", each.running ? " running" : " waiting"),
  each.frames.map((frame) => make("div", { class: "frame" },
    make("div", { class: "at" }, `${frame.function} in ${frame.file}, line ${frame.line}`),
    make("pre", {}, frame.text || ""),
    frame.locals.length ? make("details", {}, make("summary", { class: "soft" }, `${frame.locals.length} locals`),
      make("pre", {}, frame.locals.map(([name, value]) => `${name} = ${value}`).join("\n"))) : null)));

// ---- once a second -------------------------------------------------------------------------

const VIEWS = {
  async actors(limit) {
    const rows = await ask("actors", { sort: state.sort, limit, search: $("search").value });
    return rows.length ? table(ACTORS, rows, (row) => row.pid) : empty("No actor is called so.");
  },
  async classes() { return table(CLASSES, await ask("classes"), () => null); },
  async tree(limit) {
    const entries = await ask("tree", { limit, open: [...state.open].join(",") });
    return entries.length ? make("ul", { class: "tree" }, entries.map((entry) => branch(entry, 0))) : empty("No tree has been started.");
  },
  async waits(limit) {
    const rows = await ask("waits", { limit });
    return rows.length ? table(WAITS, rows, (row) => row.waiter.state && row.waiter.pid) : empty("Nobody waits for an answer.");
  },
  async crashes(limit) {
    const found = await ask("crashes", { limit });
    return found.length ? make("div", {}, found.map(crash)) : empty("Nothing has crashed.");
  },
};

// What is drawn anew while a button of the mouse is down on it would never hear of the click.
let pressed = false, late = false;
document.addEventListener("pointerdown", () => { pressed = true; });
for (const over of ["pointerup", "pointercancel"]) document.addEventListener(over, () => {
  pressed = false;
  if (late) setTimeout(refresh); // behind the click
  late = false;
});

let turn = 0;
async function refresh() {
  const mine = (turn += 1);
  try {
    const since = state.samples.length ? state.samples[state.samples.length - 1].time : 0;
    const overview = await ask("overview", { since });
    const view = await VIEWS[state.tab]($("limit").value);
    const detail = state.chosen ? await ask("stack", { pid: state.chosen }).catch((error) => error) : null;
    if (mine !== turn) return; // something else was asked for meanwhile
    if (pressed) { late = true; return; }
    state.control = overview.control;
    const samples = state.samples.concat(overview.samples);
    state.samples = samples.filter((sample) => sample.time > samples[samples.length - 1].time - 1000 * KEPT);
    drawTiles(overview.info, overview.script);
    document.title = `${overview.script || "prompt"} · Re:BEAM`;
    const { scrollX, scrollY } = window;
    $("view").replaceChildren(view);
    window.scrollTo(scrollX, scrollY);
    $("detail").hidden = detail === null;
    if (detail instanceof Error) {
      $("message").hidden = true;
      $("where").replaceChildren();
      $("facts").replaceChildren(make("p", {}, "It has ended: ", detail.message));
    }
    else if (detail) drawDetail(detail);
    live("live", $("pause").checked ? "paused" : "");
  } catch (error) {
    if (mine === turn) live(`no answer: ${error.message}`, "lost");
  }
}

function live(text, kind) { $("live").textContent = kind === "paused" ? "paused" : text; $("live").className = kind; }

// The address says what is seen: it can be kept, and opened again.
function where() { location.hash = state.chosen ? `${state.tab}:${encodeURIComponent(state.chosen)}` : state.tab; }

function show(tab) {
  state.tab = tab;
  where();
  for (const button of document.querySelectorAll("nav [role=tab]")) button.setAttribute("aria-selected", String(button.dataset.tab === tab));
  document.querySelector(".for-actors").hidden = tab !== "actors";
  document.querySelector(".for-list").hidden = tab === "classes";
  refresh();
}

for (const button of document.querySelectorAll("nav [role=tab]")) button.addEventListener("click", () => show(button.dataset.tab));
$("search").addEventListener("input", refresh);
$("limit").addEventListener("change", refresh);
$("pause").addEventListener("change", refresh);
$("message").addEventListener("submit", send);
document.addEventListener("keydown", (event) => {
  if (event.key === "/" && document.activeElement.tagName !== "INPUT") { event.preventDefault(); show("actors"); $("search").focus(); }
  if (event.key === "Escape") choose(null);
});
// A page that nobody sees asks for nothing.
setInterval(() => { if (!document.hidden && !$("pause").checked && !window.getSelection().toString()) refresh(); }, 1000);
const [tab, chosen] = location.hash.slice(1).split(":");
if (chosen) state.chosen = decodeURIComponent(chosen);
show(VIEWS[tab] ? tab : "actors");
