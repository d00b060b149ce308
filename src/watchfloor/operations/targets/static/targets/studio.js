/* The studio's screen: Enter goes down, Alt and a digit takes a method's value, and the parent is kept in sight. */
(function () {
  "use strict";
  const table = document.getElementById("units");
  const sums = document.getElementById("sums");
  const form = document.getElementById("studio");
  if (!table || !sums || !form) return;
  const share = sums.dataset.unit === "share";
  const parent = sums.dataset.parent === "" || sums.dataset.parent === "None" ? null : Number(sums.dataset.parent);
  const fields = [...table.querySelectorAll("input[name^='v-']")];

  function read(text) {
    const plain = text.replace(/[\s ]/g, "").replace("%", "%").replace("−", "-");
    if (plain === "") return null;
    const percent = plain.endsWith("%");
    const value = Number(percent ? plain.slice(0, -1) : plain);
    if (!Number.isFinite(value) || (percent && !share)) return NaN;
    const found = percent ? value / 100 : value;
    return share && found > 1 ? NaN : found;
  }
  const show = (value) => share ? `${(value * 100).toFixed(2)}%` : Number(value.toPrecision(4)).toLocaleString(window.watchfloor.locale);
  const lift = (value) => {
    const sign = value >= 0 ? "+" : "−";
    return share ? sign + sums.dataset.point.replace("{n}", Math.abs(value * 100).toFixed(2)) : sign + show(Math.abs(value));
  };

  function count() {
    let reached = 0, changed = 0, weightOfOthers = 0, whole = true;
    for (const field of fields) {
      const row = field.closest("tr");
      const weight = Number(row.dataset.w);
      const value = read(field.value);
      const differs = field.value !== field.dataset.was;
      field.toggleAttribute("data-changed", differs);
      field.setAttribute("aria-invalid", String(Number.isNaN(value)));
      if (value === null || Number.isNaN(value)) whole = false;
      else reached += weight * value;
      if (differs) changed += 1;
      else weightOfOthers += weight;
      const cell = row.querySelector("[data-lift]");
      if (differs && cell && row.dataset.b !== "" && value !== null && !Number.isNaN(value)) cell.textContent = lift(value - Number(row.dataset.b));
    }
    if (!whole || !changed) return;
    sums.querySelector("[data-reached]").textContent = show(reached);
    if (parent !== null && weightOfOthers > 0) sums.querySelector("[data-others]").textContent = lift((parent - reached) / weightOfOthers);
  }

  function take(cell) {
    const field = cell?.closest("tr")?.querySelector("input[name^='v-']");
    if (!field || !cell.dataset.take) return;
    field.value = cell.dataset.take;
    count();
  }

  table.addEventListener("input", count);
  table.addEventListener("click", (event) => take(event.target.closest("td.told")));
  table.addEventListener("keydown", (event) => {
    const field = event.target.closest("input.figure");
    if (!field) return;
    const step = event.key === "Enter" || event.key === "ArrowDown" ? 1 : event.key === "ArrowUp" ? -1 : 0;
    if (step && !event.altKey) {
      event.preventDefault();
      const rows = [...table.tBodies[0].rows];
      const next = rows[rows.indexOf(field.closest("tr")) + step]?.querySelector(`input[name^='${field.name.slice(0, 2)}']`);
      next?.focus();
      next?.select();
    } else if (event.altKey && /^[1-9]$/.test(event.key)) {
      event.preventDefault();
      take(field.closest("tr").querySelectorAll("td.num")[0] && [...field.closest("tr").cells].slice(7)[Number(event.key) - 1]);
    }
  });
  // Only what was changed is sent: four hundred units with two fields each would be too many.
  form.addEventListener("submit", () => {
    for (const field of table.querySelectorAll("input.figure")) field.disabled = field.value === field.dataset.was;
  });
  window.addEventListener("pageshow", () => table.querySelectorAll("input.figure").forEach((field) => { field.disabled = false; }));
})();
