/* Tables that sort by every column and filter by text and by facets. Values to sort by stand in data-v. */
(function () {
  "use strict";
  const value = (row, column) => {
    const cell = row.cells[column];
    const raw = cell?.dataset.v ?? cell?.textContent.trim() ?? "";
    if (raw === "") return null;
    const figure = Number(raw);
    return Number.isNaN(figure) ? raw : figure;
  };

  function compare(a, b) {
    if (a === b) return 0;
    if (a === null) return 1;
    if (b === null) return -1;
    if (typeof a === "number" && typeof b === "number") return a - b;
    return String(a).localeCompare(String(b), window.watchfloor.locale, { numeric: true });
  }

  function sort(table, heading, direction) {
    const column = heading.cellIndex;
    const body = table.tBodies[0];
    const sign = direction === "descending" ? -1 : 1;
    const held = document.activeElement;
    const keyed = [...body.rows].map((row) => [value(row, column), row]);
    keyed.sort(([a, first], [b, second]) => {
      if (a === null || b === null) return compare(a, b) || compare(first.id, second.id);
      return sign * compare(a, b) || compare(first.id, second.id);
    });
    const order = keyed.map(([, row]) => row);
    if (order.some((row, at) => body.rows[at] !== row)) body.append(...order);
    table.querySelectorAll("th[aria-sort]").forEach((other) => other.removeAttribute("aria-sort"));
    heading.setAttribute("aria-sort", direction);
    if (held !== document.activeElement) held.focus?.({ preventScroll: true });
  }

  function resort(table) {
    const heading = table.querySelector("th[aria-sort]");
    if (heading) sort(table, heading, heading.getAttribute("aria-sort"));
  }

  document.addEventListener("click", (event) => {
    const button = event.target.closest("button.sort");
    if (!button) return;
    const heading = button.closest("th");
    const first = button.dataset.first || "descending";
    const now = heading.getAttribute("aria-sort");
    const direction = !now ? first : now === "ascending" ? "descending" : "ascending";
    sort(heading.closest("table"), heading, direction);
    const address = new URL(window.location.href);
    address.searchParams.set("sort", (direction === "descending" ? "-" : "") + (button.dataset.name || heading.cellIndex));
    window.history.replaceState(null, "", address);
  });

  function filter(form) {
    const table = document.getElementById(form.dataset.filter);
    if (!table) return;
    const data = new FormData(form);
    const text = String(data.get("q") || "").trim().toLocaleLowerCase();
    const facets = [...data.entries()].filter(([name, kept]) => name !== "q" && kept);
    let shown = 0;
    for (const row of table.tBodies[0].rows) {
      const fits = (!text || (row.dataset.text || row.textContent).toLocaleLowerCase().includes(text))
        && facets.every(([name, kept]) => (row.dataset[name] || "").split(" ").includes(kept));
      row.hidden = !fits;
      shown += fits ? 1 : 0;
    }
    const tally = form.querySelector("[data-tally]");
    if (tally) tally.textContent = (window.watchfloor.words.shown || "{n}/{all}").replace("{n}", shown).replace("{all}", table.tBodies[0].rows.length);
    const empty = document.querySelector(`[data-empty-of="${table.id}"]`);
    if (empty) empty.hidden = shown > 0;
    const address = new URL(window.location.href);
    for (const element of form.elements) {
      if (!element.name) continue;
      if (element.value) address.searchParams.set(element.name, element.value);
      else address.searchParams.delete(element.name);
    }
    window.history.replaceState(null, "", address);
  }

  document.addEventListener("input", (event) => {
    const form = event.target.closest("form[data-filter]");
    if (form) filter(form);
  });
  document.addEventListener("submit", (event) => {
    if (event.target.matches("form[data-filter]")) event.preventDefault();
  });

  function start() {
    document.querySelectorAll("form[data-filter]").forEach((form) => {
      const asked = new URLSearchParams(window.location.search);
      for (const element of form.elements) if (element.name && asked.get(element.name)) element.value = asked.get(element.name);
      if ([...form.elements].some((element) => element.name && element.value)) filter(form);
    });
    const asked = new URLSearchParams(window.location.search).get("sort");
    const button = asked && document.querySelector(`button.sort[data-name="${CSS.escape(asked.replace(/^-/, ""))}"]`);
    if (button) sort(button.closest("table"), button.closest("th"), asked.startsWith("-") ? "descending" : "ascending");
  }
  start();
  window.watchfloor.grid = { resort, filter };
})();
