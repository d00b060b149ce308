/* Every key and button of the console. A key of the form goes before a command; Shift always means the command. */
(function () {
  "use strict";
  if (!window.desk) return;
  const { root, acts, end, held, form, media } = window.desk;
  const TEXT = "textarea, select, input:not([type=checkbox]):not([type=radio]):not([type=range]):not([type=submit]):not([type=button])";
  const KEYS = {
    z: "undo", n: "clear", s: "skip", h: "hold", e: "escalate", o: "send", b: "release", m: "minute", a: "alike",
    r: "reveal", u: "sound", t: "translation", p: "policy", i: "procedure",
  };
  const dialog = (name) => document.getElementById(`dialog-${name}`);

  function open(name) {
    if (name !== "keys" && !held()) return;
    const box = dialog(name);
    box.querySelector("form")?.reset();
    box.querySelectorAll("[data-error]").forEach((one) => { one.hidden = true; });
    box.showModal();
    (box.querySelector("input:checked") || box.querySelector("input"))?.focus();
  }

  function guide(name) {
    const article = held()?.article;
    if (!article) return;
    article.querySelectorAll("[role=tab]").forEach((tab) => {
      const on = tab.dataset.guide === name;
      tab.setAttribute("aria-selected", String(on));
      tab.tabIndex = on ? 0 : -1;
      if (on) tab.focus({ preventScroll: true });
    });
    article.querySelectorAll("[data-page]").forEach((page) => { page.hidden = page.dataset.page !== name; });
    article.querySelector(".guide").scrollIntoView({ block: "nearest" });
  }

  const commands = {
    ...acts,
    keys: () => open("keys"),
    skip: () => open("skip"),
    escalate: () => open("escalate"),
    hold: () => open("hold"),
    send: () => open("send"),
    release: () => end("release", []).then((done) => { if (done.message) window.desk.note(done.message, { kind: "trouble" }); }),
    answer: () => acts.send(),
    clear: () => { const box = held()?.article.querySelector("[data-no-violation], [data-clear]"); if (box) form.pick(held().article, box); },
    sound: () => held() && media.sound(held().article),
    translation: () => held()?.article.classList.toggle("no-translation"),
    policy: () => guide("policy"),
    procedure: () => guide("procedure"),
  };
  commands.continue = acts.start;

  /* The keys that this case's form takes, into the overlay. */
  window.desk.keysOf = (article) => {
    const list = document.querySelector("[data-keys-labels]");
    list.replaceChildren(...[...article.querySelectorAll("[data-key]:not([data-key=''])")].map((one) => {
      const name = one.closest(".choice")?.querySelector(".name")?.textContent || one.closest("[data-field]").querySelector("legend, span").textContent.trim();
      return window.desk.node("div", {}, window.desk.node("dt", {}, name), window.desk.node("dd", {}, window.desk.node("kbd", {}, one.dataset.key)));
    }));
    const taken = new Set([...article.querySelectorAll("[data-key]")].map((one) => one.dataset.key));
    document.querySelectorAll("[data-key-of]").forEach((cap) => {
      const key = Object.keys(KEYS).find((one) => KEYS[one] === cap.dataset.keyOf);
      cap.textContent = taken.has(key) ? `⇧${key}` : key;
    });
  };

  root.addEventListener("click", (event) => {
    const tab = event.target.closest("[data-guide]");
    if (tab) return guide(tab.dataset.guide);
    const button = event.target.closest("[data-act]");
    if (!button) return null;
    event.preventDefault();
    button.closest("details.menu")?.removeAttribute("open");
    return commands[button.dataset.act]?.();
  });
  root.addEventListener("submit", (event) => {
    if (!event.target.matches("[data-answer]")) return;
    event.preventDefault();
    commands.answer();
  });

  /* The dialogs: what ends a case with a reason. Nothing closes before the server agreed. */
  document.querySelectorAll("dialog form[data-leave]").forEach((one) => one.addEventListener("submit", async (event) => {
    event.preventDefault();
    const done = await end(one.dataset.leave, [...new FormData(one).entries()]);
    if (done.ok) return one.closest("dialog").close();
    const line = one.querySelector("[data-error]") || one.insertBefore(window.desk.node("p", { class: "field-error", "data-error": "" }), one.lastElementChild);
    line.textContent = done.message || window.desk.words.failed;
    line.hidden = false;
    return null;
  }));

  function inDialog(event) {
    const box = document.querySelector("dialog[open]");
    if (!box || event.target.matches("input[type=text]")) return;
    const options = box.querySelectorAll(".options input");
    if (/^[1-9]$/.test(event.key) && options[event.key - 1]) {
      event.preventDefault();
      options[event.key - 1].checked = true;
      options[event.key - 1].focus();
    } else if (event.key === "Enter" && event.target.matches("input[type=radio]")) {
      event.preventDefault();
      box.querySelector("form").requestSubmit();
    } else if (event.key === "?") {
      event.preventDefault();
      box.close();
    }
  }

  function inText(event, article) {
    if (event.key === "Escape") {
      event.preventDefault();
      event.stopPropagation();
      if (event.target.matches("[data-label-search]")) { event.target.value = ""; form.find(article, ""); }
      article?.querySelector("h1").focus({ preventScroll: true });
    } else if (event.key === "Enter" && event.target.matches("[data-label-search]")) {
      event.preventDefault();
      const first = form.first(article);
      if (!first) return;
      event.target.value = "";
      form.find(article, "");
      form.pick(article, first);
    } else if (event.key === "ArrowDown" && event.target.matches("[data-label-search]")) {
      event.preventDefault();
      form.first(article)?.focus();
    }
  }

  function walk(event, article) {
    const rows = [...article.querySelectorAll(".choices .choice:not([hidden]) input")];
    const at = rows.indexOf(event.target);
    if (at < 0) return false;
    rows[Math.min(Math.max(at + (event.key === "ArrowDown" ? 1 : -1), 0), rows.length - 1)].focus();
    return true;
  }

  document.addEventListener("keydown", (event) => {
    if (document.querySelector("dialog[open]")) return inDialog(event);
    const article = held()?.article;
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
      event.preventDefault();
      return commands.answer();
    }
    if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return null;
    if (event.target.matches(TEXT)) return inText(event, article);
    if (event.target.closest(".rail, .bar, [role=tab]") && ["Enter", " "].includes(event.key)) return null;
    if (event.key === "?") { event.preventDefault(); return commands.keys(); }
    if (event.key === "Enter") {
      if (event.target.closest("a, button, summary")) return null;
      event.preventDefault();
      if (article) return commands.answer();
      return document.querySelector("#slot:not([hidden]) [data-act], #stage > section:not([hidden]) [data-act]")?.click();
    }
    if (/^[zZ]$/.test(event.key) && !article) { event.preventDefault(); return commands.undo(); }
    if (!article) return null;
    if (event.key === "/") { event.preventDefault(); return article.querySelector("[data-label-search]")?.focus(); }
    if (event.key === " " && !event.target.closest("button, summary, input") && media.play(article)) return event.preventDefault();
    if ((event.key === "," || event.key === ".") && media.step(article, event.key === "." ? 1 : -1)) return event.preventDefault();
    if (event.key === "ArrowDown" || event.key === "ArrowUp") { if (walk(event, article)) event.preventDefault(); return null; }
    if (event.target.matches("[role=tab]") && /^Arrow(Left|Right)$/.test(event.key)) { event.preventDefault(); return guide(event.target.dataset.guide === "policy" ? "procedure" : "policy"); }
    const lower = event.key.toLowerCase();
    const covered = Boolean(article.querySelector("[data-notice-card]"));
    if (!event.shiftKey && !covered) {
      const input = article.querySelector(`[data-answer] [data-key="${CSS.escape(event.key)}"]`);
      if (input) { event.preventDefault(); return form.pick(article, input); }
    }
    const command = KEYS[lower];
    if (!command || (covered && ["clear", "reveal", "alike"].includes(command))) return null;
    event.preventDefault();
    return commands[command]();
  }, true);

  document.addEventListener("click", (event) => {
    if (!event.target.closest("[data-open-shortcuts]")) return;
    event.preventDefault();
    event.stopPropagation();
    commands.keys();
  }, true);
})();
