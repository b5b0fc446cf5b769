// What a script of a cell does: its output, its actors, its crashes, and a box to call them.
const MOST = 100_000;
// So often it is asked whether its process is there still, in milliseconds, and so often without an answer.
const ASK = 2_000;
const LOST = 5;

export function init(ctx, { name, status, text, seen }) {
  ctx.importCSS("main.css");
  ctx.root.innerHTML = `
    <div class="view">
      <header>
        <b></b><span class="status"></span>
        <nav>
          <button data-tab="output" aria-selected="true">Output</button>
          <button data-tab="actors">Actors <i></i></button>
          <button data-tab="crashes">Crashes <i></i></button>
          <button data-tab="call">Call</button>
        </nav>
        <button class="stop">Stop</button>
      </header>
      <pre data-page="output"></pre>
      <div data-page="actors" hidden></div>
      <div data-page="crashes" hidden></div>
      <form data-page="call" hidden autocomplete="off">
        <input name="actor" list="names" placeholder="actor" size="14">
        <input name="subject" placeholder="subject" size="12">
        <input name="message" placeholder="message, in Python: 5, [1, 2], {'k': None}">
        <button>Call</button>
        <datalist id="names"></datalist>
        <pre></pre>
      </form>
    </div>`;
  const find = (selector) => ctx.root.querySelector(selector);
  const page = (tab) => find(`[data-page=${tab}]`);
  find("header b").textContent = name;

  // ---- output: plain lines; a carriage return begins its line again
  const output = page("output");
  let printed = "";
  // Whoever has scrolled back reads there; also what comes while another page is shown is followed.
  let follow = true;
  const toEnd = () => {
    if (follow) output.scrollTop = output.scrollHeight;
  };
  output.addEventListener("scroll", () => {
    if (!output.hidden) follow = output.scrollTop + output.clientHeight >= output.scrollHeight - 4;
  });
  const print = (more) => {
    printed = (printed + more).replace(/\x1b\[[0-9;?]*[A-Za-z]/g, "").slice(-MOST);
    output.textContent = printed.replace(/\r\n/g, "\n").replace(/^.*\r(?!$)/gm, "");
    toEnd();
  };

  const showStatus = (now) => {
    find(".status").textContent = now;
    find(".status").className = `status ${now.split(" ").pop()}`;
    find(".stop").hidden = !["starts", "runs"].includes(now);
  };

  // It comes each second while actors work: what somebody reads stays open.
  const showCrashes = (crashes) => {
    const open = [...page("crashes").querySelectorAll("details[open]")].map((each) => each.dataset.key);
    const shown = crashes.map((each) => crash(each, open));
    page("crashes").replaceChildren(...(shown.length ? shown : [empty("No crash.")]));
  };

  const showSeen = ({ trees, crashes, names }) => {
    const rows = trees.flatMap((tree) => branch(tree, 0));
    page("actors").replaceChildren(rows.length ? table(rows) : empty("No actor runs."));
    showCrashes(crashes);
    find("[data-tab=actors] i").textContent = count(trees) || "";
    find("[data-tab=crashes] i").textContent = crashes.reduce((sum, each) => sum + each.count, 0) || "";
    find("datalist").replaceChildren(...names.map((each) => new Option(each, each)));
    const actor = find("form [name=actor]");
    if (!actor.value && names.length) actor.value = names[0];
  };

  find("nav").addEventListener("click", ({ target }) => {
    const tab = target.closest("button")?.dataset.tab;
    if (!tab) return;
    for (const each of ctx.root.querySelectorAll("nav button"))
      each.setAttribute("aria-selected", each.dataset.tab === tab);
    for (const each of ctx.root.querySelectorAll("[data-page]")) each.hidden = each.dataset.page !== tab;
    toEnd();
  });

  find(".stop").addEventListener("click", () => ctx.pushEvent("stop", null));

  const form = page("call");
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    form.querySelector("pre").textContent = "\u2026";
    ctx.pushEvent("call", Object.fromEntries(new FormData(form)));
  });

  // First how it was when this page connected: a handler takes at once what has come since.
  print(text);
  showStatus(status);
  showSeen(seen);
  // Livebook's own Stop ends the view's process with the evaluation: it can tell nothing then.
  let asked = 0;
  setInterval(() => {
    if (find(".stop").hidden) return;
    if (asked === LOST) showStatus("was stopped");
    else ctx.pushEvent("there", null);
    asked += 1;
  }, ASK);
  ctx.handleEvent("there", (now) => {
    asked = 0;
    showStatus(now);
  });

  ctx.handleEvent("text", print);
  ctx.handleEvent("all", (text) => {
    printed = "";
    print(text);
  });
  ctx.handleEvent("status", showStatus);
  ctx.handleEvent("seen", showSeen);
  ctx.handleEvent("answer", ({ status, text }) => {
    form.querySelector("pre").textContent = `${status}: ${text}`;
    form.querySelector("pre").className = status === "ok" ? "" : "bad";
  });
}

function element(tag, text, more = {}) {
  return Object.assign(document.createElement(tag), { textContent: text ?? "" }, more);
}

const empty = (text) => element("p", text, { className: "empty" });

const count = (entries) =>
  entries.reduce((sum, each) => sum + (each.children ? count(each.children) : 1), 0);

function branch(entry, depth) {
  const rows = [row(entry, depth)];
  for (const child of entry.children ?? []) rows.push(...branch(child, depth + 1));
  if (entry.more) rows.push(row({ id: `and ${entry.more} more`, state: "" }, depth + 1));
  return rows;
}

function row(entry, depth) {
  const state = [entry.state, entry.at].filter(Boolean).join(" ");
  const where = [entry.what, entry.unit && `in ${entry.unit}`].filter(Boolean).join(" ");
  const line = document.createElement("tr");
  line.append(
    element("td", entry.name ?? entry.id, { style: `padding-left: ${8 + 18 * depth}px` }),
    element("td", where, { className: "soft" }),
    element("td", state, { className: `state ${entry.state}` }),
    ...[entry.queue, entry.rate, entry.messages, entry.restarts].map((value) =>
      element("td", value, { className: "n" }),
    ),
  );
  return line;
}

function table(rows) {
  const head = document.createElement("tr");
  const titles = ["actor", "class", "state", "mailbox", "messages/s", "messages", "restarts"];
  head.append(...titles.map((text, n) => element("th", text, { className: n > 2 ? "n" : "" })));
  const made = document.createElement("table");
  made.append(head, ...rows);
  return made;
}

function crash({ who, reason, traceback, subject, count }, open) {
  const made = document.createElement("details");
  made.dataset.key = [who, subject, reason].join("\n");
  made.open = open.includes(made.dataset.key);
  const at = subject ? `, at "${subject}"` : "";
  const times = count > 1 ? `, ${count} times` : "";
  made.append(element("summary", `${who}${at}${times}: ${reason}`), element("pre", traceback || reason));
  return made;
}
