/* The answer's form: labels by key and by search, faults beside their field, drafts that survive anything. */
(function () {
  "use strict";
  if (!window.desk) return;
  const { words, root } = window.desk;
  const KEPT_DAYS = 7;

  const formOf = (article) => article.querySelector("[data-answer]");
  const draftName = (caseId) => `watchfloor-draft:${root.dataset.reviewer}:${caseId}`;

  /* What a draft keeps: the form's own fields, as [name, value] pairs. */
  function values(article) {
    return [...new FormData(formOf(article)).entries()].filter(([, value]) => typeof value === "string" && value !== "");
  }
  function isTouched(article) {
    return values(article).some(([name, value]) => !(name === "clear" && value === "on" && formOf(article).querySelector("input[type=hidden][name=clear]")));
  }

  function fill(article, pairs) {
    const form = formOf(article);
    for (const one of form.querySelectorAll("input[type=checkbox], input[type=radio]")) {
      one.checked = pairs.some(([name, value]) => name === one.name && value === one.value);
    }
    for (const [name, value] of pairs) {
      const one = form.elements[name];
      if (one && !(one instanceof RadioNodeList) && !["checkbox", "radio", "hidden"].includes(one.type)) one.value = value;
    }
    shape(article);
  }

  function keep(article) {
    try {
      localStorage.setItem(draftName(article.dataset.case), JSON.stringify({ at: Date.now(), values: values(article) }));
      tell(article, words.draft_kept);
    } catch { /* a full or closed store: the server keeps drafts too */ }
  }
  function forget(caseId) {
    localStorage.removeItem(draftName(caseId));
  }
  function restore(article) {
    let held = null;
    try { held = JSON.parse(localStorage.getItem(draftName(article.dataset.case)) || "null"); } catch { held = null; }
    const sent = article.querySelector("script[type='application/json']");
    const server = sent ? Object.entries(JSON.parse(sent.textContent)).flatMap(([name, many]) => [].concat(many).map((value) => [name, value])) : null;
    const pairs = held && Date.now() - held.at < KEPT_DAYS * 86400000 ? held.values : server;
    if (!pairs || !pairs.length) return;
    fill(article, pairs);
    tell(article, words.draft_back);
  }
  function tell(article, text) {
    const line = article.querySelector("[data-draft]");
    if (line) line.textContent = text;
  }
  function sweep() {
    for (const name of Object.keys(localStorage)) {
      if (!name.startsWith("watchfloor-draft:")) continue;
      try {
        if (Date.now() - JSON.parse(localStorage.getItem(name)).at > KEPT_DAYS * 86400000) localStorage.removeItem(name);
      } catch { localStorage.removeItem(name); }
    }
  }

  /* Keeps labels and "no violation" apart, the guide on the label chosen, the action's name in its summary. */
  function shape(article, changed) {
    const form = formOf(article);
    const clear = form.querySelector("[data-no-violation]");
    const labels = [...form.querySelectorAll("input[name=label]")];
    const harmless = (one) => one === clear || one.hasAttribute("data-clear");
    if (changed?.checked && (changed === clear || changed.name === "label")) {
      for (const one of [clear, ...labels].filter(Boolean)) {
        if (one !== changed && (harmless(one) || harmless(changed))) one.checked = false;
      }
    }
    const chosen = labels.filter((one) => one.checked).map((one) => one.value);
    article.querySelectorAll("[data-label-text]").forEach((one) => one.classList.toggle("chosen", chosen.includes(one.dataset.labelText)));
    const action = form.elements.action;
    if (action) form.querySelector("[data-action-name]").textContent = action.selectedOptions[0].textContent;
  }

  function pick(article, input) {
    input.focus({ preventScroll: true });
    if (input.type === "checkbox") { input.checked = !input.checked; input.dispatchEvent(new Event("change", { bubbles: true })); }
    else if (input.type === "radio") { input.checked = true; input.dispatchEvent(new Event("change", { bubbles: true })); }
    input.scrollIntoView({ block: "nearest" });
  }

  /* Label search: shows what fits, and Enter takes the first. */
  function find(article, text) {
    const wanted = text.trim().toLocaleLowerCase();
    let shown = 0;
    for (const row of article.querySelectorAll(".choice[data-text]")) {
      row.hidden = Boolean(wanted) && !row.dataset.text.toLocaleLowerCase().includes(wanted);
      shown += row.hidden ? 0 : 1;
    }
    const none = article.querySelector("[data-none-found]");
    if (none) none.hidden = shown > 0 || !wanted;
  }
  function first(article) {
    return article.querySelector(".choice[data-text]:not([hidden]) input");
  }

  function fault(article, name, text) {
    const place = article.querySelector(`[data-field="${CSS.escape(name)}"]`) || article.querySelector("[data-field='form']");
    const line = place.querySelector("[data-error]");
    line.textContent = text;
    line.hidden = !text;
    line.id = line.id || `fault-${article.dataset.token}-${name}`;
    place.classList.toggle("has-error", Boolean(text));
    if (place.matches("details")) place.open = place.open || Boolean(text);
    place.querySelectorAll("input, select, textarea").forEach((one) => {
      one.toggleAttribute("aria-invalid", Boolean(text));
      if (text) one.setAttribute("aria-describedby", line.id); else one.removeAttribute("aria-describedby");
    });
  }
  function faults(article, found) {
    article.querySelectorAll("[data-field]").forEach((place) => fault(article, place.dataset.field, ""));
    const names = Object.keys(found);
    names.forEach((name) => fault(article, name, found[name]));
    if (!names.length) return;
    const place = article.querySelector(".has-error");
    (place?.querySelector("input:not([type=search]), select, textarea") || place)?.focus?.();
    window.desk.say(Object.values(found).join(" "));
  }

  /* The faults that the browser can see itself; the server checks everything again. */
  function check(article) {
    const form = formOf(article), found = {};
    const labels = form.querySelectorAll("input[name=label]");
    const clear = form.querySelector("[data-no-violation]");
    if (labels.length && ![...labels].some((one) => one.checked) && !clear?.checked) found.label = words.choose;
    for (const place of form.querySelectorAll("[data-required]")) {
      const inputs = [...place.querySelectorAll("input, select, textarea")];
      const given = inputs.some((one) => (["checkbox", "radio"].includes(one.type) ? one.checked : one.value.trim()));
      if (!given && place.dataset.control !== "check") found[place.dataset.field] = words.needed;
    }
    for (const one of form.querySelectorAll("input[type=number]")) {
      if (!one.validity.valid && !found[one.name]) found[one.name] = one.validationMessage || words.number;
    }
    return found;
  }

  root.addEventListener("change", (event) => {
    const article = event.target.closest("article.case");
    if (!article || !event.target.closest("[data-answer]")) return;
    shape(article, event.target);
    if (event.target.closest("[data-field]")?.classList.contains("has-error")) fault(article, event.target.closest("[data-field]").dataset.field, "");
    keep(article);
    window.desk.saveDraft?.(article);
  });
  root.addEventListener("input", (event) => {
    const article = event.target.closest("article.case");
    if (!article) return;
    if (event.target.matches("[data-label-search]")) return find(article, event.target.value);
    if (event.target.matches("textarea, input[type=text], input[type=number]") && event.target.closest("[data-answer]")) {
      keep(article);
      window.desk.saveDraft?.(article);
    }
  });

  sweep();
  Object.assign(window.desk, { form: { values, isTouched, fill, restore, forget, shape, pick, find, first, check, faults, formOf } });
})();
