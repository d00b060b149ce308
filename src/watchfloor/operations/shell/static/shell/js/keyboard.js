/* Keyboard first: g then a letter goes somewhere, / finds, j and k walk rows, Enter opens, Esc closes, ? explains. */
(function () {
  "use strict";
  let waiting = 0;

  const typing = (element) => element?.matches?.("input, textarea, select, [contenteditable]");
  const rows = () => [...document.querySelectorAll("tr[tabindex]")].filter((row) => !row.hidden && row.offsetParent !== null);

  function walk(step) {
    const all = rows();
    if (!all.length) return;
    const at = all.indexOf(document.activeElement.closest?.("tr[tabindex]"));
    const next = all[at < 0 ? (step > 0 ? 0 : all.length - 1) : Math.min(Math.max(at + step, 0), all.length - 1)];
    next.focus({ preventScroll: true });
    next.scrollIntoView({ block: "nearest" });
  }

  function escape() {
    const open = document.querySelector("details.menu[open]");
    if (open) {
      open.open = false;
      open.querySelector("summary").focus();
    } else if (!window.watchfloor.closeDrawer() && typing(document.activeElement)) {
      document.activeElement.blur();
    }
  }

  document.addEventListener("keydown", (event) => {
    if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key === "Escape") return escape();
    if (typing(event.target) || document.querySelector("dialog[open]")) return;
    if (Date.now() - waiting < 1200) {
      waiting = 0;
      const link = document.querySelector(`.rail a[data-go="${CSS.escape(event.key)}"]`);
      if (link) {
        event.preventDefault();
        link.click();
      }
      return;
    }
    const acts = {
      g: () => { waiting = Date.now(); },
      j: () => walk(1),
      k: () => walk(-1),
      "/": () => document.querySelector("[data-find]")?.focus(),
      "?": () => document.getElementById("shortcuts")?.showModal(),
      Enter: () => {
        if (event.target.matches("tr[tabindex]")) event.target.querySelector("[data-open]")?.click();
      },
    };
    const act = acts[event.key];
    if (!act) return;
    if (event.key !== "Enter" || event.target.matches("tr[tabindex]")) event.preventDefault();
    act();
  });

  document.addEventListener("click", (event) => {
    const row = event.target.closest("tr[tabindex]");
    if (!row || event.target.closest("a, button, input, label, summary")) return;
    if (String(window.getSelection())) return;
    row.querySelector("[data-open]")?.click();
  });
})();
