// Whom to call, and with what.
export function init(ctx, { fields, names }) {
  ctx.importCSS("main.css");
  ctx.root.innerHTML = `
    <form class="call" autocomplete="off">
      <b>Call an actor</b>
      <label>actor <input name="actor" size="14" list="names" placeholder="name"></label>
      <label>subject <input name="subject" size="12"></label>
      <label class="wide">message <input name="message" placeholder="in Python: 5, [1, 2], {'k': None}"></label>
      <label title="The Elixir variable that the answer goes to">as <input name="variable" size="8"></label>
      <datalist id="names"></datalist>
    </form>`;
  const form = ctx.root.querySelector("form");

  const show = (known) => {
    const options = known.map((name) => new Option(name, name));
    form.querySelector("datalist").replaceChildren(...options);
  };

  for (const [name, value] of Object.entries(fields)) form.elements[name].value = value;
  show(names);
  form.addEventListener("submit", (event) => event.preventDefault());
  form.addEventListener("change", ({ target }) =>
    ctx.pushEvent("set", { field: target.name, value: target.value }),
  );
  ctx.handleEvent("set", ({ field, value }) => (form.elements[field].value = value));
  ctx.handleEvent("known", show);
  // What is typed counts before the cell is evaluated.
  ctx.handleSync(() => document.activeElement?.dispatchEvent(new Event("change", { bubbles: true })));
}
