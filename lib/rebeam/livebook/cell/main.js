// What the cell's Python code is run with. The code itself is in Livebook's editor, below.
const CHOICES = {
  isolation: { "": "as the code says", shared: "shared", interpreter: "interpreter", process: "process" },
  strategy: {
    "": "as the code says",
    one_for_one: "one for one",
    one_for_all: "one for all",
    rest_for_one: "rest for one",
  },
};

export function init(ctx, { fields, known }) {
  ctx.importCSS("main.css");
  ctx.root.innerHTML = `
    <form class="cell" autocomplete="off">
      <b>Python actors</b>
      <label title="The Elixir variable that stands for the script">as <input name="variable" size="10"></label>
      <label title="Elixir variables that the code finds under the same names">with <input name="bindings"
        size="14" list="known" placeholder="variables"></label>
      <label title="Names of the code whose values are Elixir variables afterwards">gives <input name="results"
        size="14" placeholder="variables"></label>
      <label title="sys.argv[1:]">args <input name="args" size="12"></label>
      <label title="Where children run that do not say it">isolation <select name="isolation"></select></label>
      <label title="Of supervisors that do not say it">strategy <select name="strategy"></select></label>
      <datalist id="known"></datalist>
    </form>`;
  const form = ctx.root.querySelector("form");

  for (const [name, words] of Object.entries(CHOICES)) {
    for (const [value, text] of Object.entries(words)) form[name].add(new Option(text, value));
  }

  const show = (names) => {
    const options = names.map((name) => new Option(name, name));
    form.querySelector("datalist").replaceChildren(...options);
  };

  for (const [name, value] of Object.entries(fields)) form.elements[name].value = value;
  show(known);
  form.addEventListener("submit", (event) => event.preventDefault());
  form.addEventListener("change", ({ target }) =>
    ctx.pushEvent("set", { field: target.name, value: target.value }),
  );
  ctx.handleEvent("set", ({ field, value }) => (form.elements[field].value = value));
  ctx.handleEvent("known", show);
  // What is typed counts before the cell is evaluated.
  ctx.handleSync(() => document.activeElement?.dispatchEvent(new Event("change", { bubbles: true })));
}
