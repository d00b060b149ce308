/* The desk: one case in work, the next one ready behind it, and every way in which a case ends. */
(function () {
  "use strict";
  if (!window.desk) return;
  const { root, words, post, parting, formOf, node, note, Clock, media, form, outbox } = window.desk;
  const slot = document.getElementById("slot"), stage = document.getElementById("stage");
  const panels = { ready: document.getElementById("ready"), rest: document.getElementById("rest"), waiting: document.getElementById("waiting") };
  const queueChoice = root.querySelector("[data-desk-queue]");
  const AHEAD_AFTER_MS = 150, DRAFT_MS = 3000, KEEP_MS = 20000, SOON_MS = 120000;
  let current = null, shelf = [], fetching = null, retry = 0, answeredAt = 0, draftTimer = 0, atWork = false;

  const lease = (token, act) => `${root.dataset.leases}${token}/${act}/`;
  const markup = (html) => new DOMParser().parseFromString(html, "text/html").body.firstElementChild;

  function panel(name) {
    for (const [key, one] of Object.entries(panels)) one.hidden = key !== name;
    slot.hidden = Boolean(name);
    stage.setAttribute("aria-busy", String(name === "waiting"));
  }

  function take(html) {
    const article = document.importNode(markup(html), true);
    const left = new Date(article.dataset.expires) - Date.now();
    return { article, token: article.dataset.token, caseId: article.dataset.case, clock: new Clock(), until: Date.now() + left, begun: false };
  }

  /* Asks for the next case; several askers share one request. */
  function ask() {
    if (fetching) return fetching;
    const tokens = [current?.token, ...shelf.map((one) => one.token), ...outbox.tokens()].filter(Boolean);
    const body = formOf([["queue", queueChoice.value], ...tokens.map((token) => ["holding", token])]);
    fetching = post(root.dataset.next, body).then((answer) => {
      fetching = null;
      if (answer.status !== 200) return { failed: true };
      return answer.kind === "case" ? { held: take(answer.data) } : { empty: answer.data };
    });
    return fetching;
  }

  /* The case of a request goes to the first of its askers, so that none is shown twice. */
  function first(found) {
    if (!found.held || found.isTaken) return null;
    found.isTaken = true;
    return found.held;
  }

  async function look() {
    window.clearTimeout(retry);
    atWork = true;
    if (shelf.length) return show(shelf.shift());
    panel("waiting");
    const found = await ask(), held = first(found);
    if (current || !atWork) {
      if (held) shelf.push(held);
      return null;
    }
    if (held) return show(held);
    if (found.held) return look();
    if (found.failed) {
      note(words.offline, { key: "offline" });
      retry = window.setTimeout(look, 4000);
      return null;
    }
    slot.replaceChildren(document.importNode(markup(found.empty), true));
    panel("");
    slot.querySelector("h1")?.focus({ preventScroll: true });
    retry = window.setTimeout(look, Number(slot.firstElementChild.dataset.retry || 15) * 1000);
    return null;
  }

  function show(held) {
    window.desk.unnote("offline");
    current = held;
    const { article } = held;
    slot.replaceChildren(article);
    panel("");
    if (!held.dressed) {
      media.dress(article);
      form.restore(article);
      held.dressed = true;
      if (!article.dataset.notice) media.accept(held);
    }
    window.scrollTo({ top: 0 });
    article.querySelector("h1").focus({ preventScroll: true });
    held.clock.start();
    leaseText();
    window.desk.keysOf?.(article);
    if (answeredAt) {
      const since = answeredAt;
      answeredAt = 0;
      requestAnimationFrame(() => requestAnimationFrame(() => { stage.dataset.waitMs = String(Math.round(performance.now() - since)); }));
    }
    window.watchfloor.say(words.new_case.replace("{queue}", article.dataset.queue));
    if (!held.begun) { held.begun = true; post(lease(held.token, "begin")).then((answer) => renewed(held, answer)); }
    window.setTimeout(prepare, AHEAD_AFTER_MS);
  }

  /* Has the next case ready: claimed, drawn apart from the page, its pictures fetched. */
  async function prepare() {
    if (!atWork || shelf.length || !current || current.article.dataset.training) return;
    const held = first(await ask());
    if (!held) return;
    shelf.push(held);
    media.ahead(held.article);
    if (!current && atWork) show(shelf.shift());
  }

  function part(held) {
    held.clock.stop();
    media.stop(held.article);
    if (current === held) current = null;
  }

  function answerOf(held) {
    held.clock.tick();
    return [...form.values(held.article), ["case", held.caseId], ...held.clock.entries(held.article.hasAttribute("data-veiled"))];
  }

  /* Sends the answer; `alike` are waiting cases that get the same one. */
  function send(alike = []) {
    if (!current) return;
    const held = current, { article } = held;
    if (article.querySelector("[data-notice-card]")) return accept();
    const found = form.check(article);
    form.faults(article, found);
    if (Object.keys(found).length) return;
    answeredAt = performance.now();
    const entry = { token: held.token, case: held.caseId, entries: [...answerOf(held), ...alike.map((id) => ["alike", id])] };
    part(held);
    const training = Boolean(article.dataset.training);
    const urgent = held.until - Date.now() < 8000;
    outbox.put(entry, held, { delay: training || urgent ? 0 : undefined, title: titleOf(article) + (alike.length ? ` · ${words.cases.replace("{n}", alike.length + 1)}` : "") });
    if (training) return panel("waiting");
    look();
  }

  function titleOf(article) {
    const chosen = [...article.querySelectorAll("input[name=label]:checked, [data-no-violation]:checked")];
    return chosen.map((one) => one.closest(".choice").querySelector(".name").textContent).join(", ") || article.dataset.queue;
  }

  /* Puts a case back in front of the reader; the one in work waits behind it. */
  function front(held) {
    window.clearTimeout(retry);
    if (current) { const before = current; part(before); shelf.unshift(before); }
    show(held);
  }

  function undo() {
    const held = outbox.undo();
    if (!held) return;
    front(held);
    note(words.undone, { key: "undone", seconds: 4 });
    window.watchfloor.say(words.undone);
  }

  outbox.listeners.done = (entry, held, data) => {
    form.forget(entry.case);
    progress(data);
    window.watchfloor.say(words.recorded);
    if (data.answered) note(words.answered.replace("{n}", data.answered) + (data.left ? ` ${words.left_out.replace("{n}", data.left)}` : ""), { key: "past", seconds: 5 });
    if (data.feedback) return feedback(data.feedback);
    if (held?.article.dataset.training && !current) return look();
    window.setTimeout(prepare, AHEAD_AFTER_MS);
    return null;
  };
  outbox.listeners.refused = (entry, held, data) => {
    if (!held) return note(`${words.failed} ${data.message || ""}`, { kind: "trouble" });
    front(held);
    form.faults(held.article, data.errors || { form: data.message || words.failed });
    return null;
  };
  outbox.listeners.stale = (entry, held) => {
    lost(entry.entries, held?.article);
    if (!current && atWork) look();
  };

  /* Says that a case went on without its answer, and shows what was written, which stays in the browser. */
  function lost(entries, article) {
    const said = entries.filter(([name, value]) => value && (name === "label" || name === "clear" || name === "action" || name.startsWith("field-")));
    const list = node("dl", { class: "facts small" });
    for (const [name, value] of said) list.append(node("dt", {}, name.replace("field-", "")), node("dd", {}, value));
    const box = note(words.stale_title, { kind: "stale", more: [node("p", { class: "soft" }, (article ? `${article.dataset.queue}. ` : "") + words.stale_text), list] });
    box.setAttribute("role", "alert");
  }

  function feedback(html) {
    atWork = true;
    slot.replaceChildren(document.importNode(markup(html), true));
    panel("");
    slot.querySelector("h2")?.focus({ preventScroll: true });
  }

  function progress(data) {
    const left = root.querySelector("[data-left]");
    if (data && data.left_line !== undefined) { left.textContent = data.left_line; left.hidden = !data.left_line; }
    if (data && data.finished !== undefined) root.querySelector("[data-today]").textContent = words.finished.replace("{n}", data.finished);
  }

  const PAST = { skip: "skipped", release: "returned", escalate: "escalated", hold: "held", send: "moved" };
  async function end(act, entries) {
    if (!current) return { ok: false };
    const held = current;
    const answer = await post(lease(held.token, act), formOf([...entries, ["case", held.caseId], ...held.clock.entries(held.article.hasAttribute("data-veiled"))]));
    if (answer.status === 200) {
      if (act !== "hold") form.forget(held.caseId);
      progress(answer.data);
      note(words[PAST[act]], { key: "past", seconds: 3 });
    } else if (answer.status === 409) {
      lost(form.values(held.article), held.article);
    } else {
      return { ok: false, message: answer.data?.message || Object.values(answer.data?.errors || {})[0] || (answer.status ? words.failed : words.offline) };
    }
    answeredAt = performance.now();
    part(held);
    look();
    return { ok: true };
  }

  function accept() {
    if (!current?.article.querySelector("[data-notice-card]")) return;
    media.accept(current);
    current.article.querySelector("h1").focus({ preventScroll: true });
  }

  async function minute() {
    outbox.flush();
    atWork = false;
    window.clearTimeout(retry);
    const answer = await post(root.dataset.minute);
    if (answer.status !== 200) return note(words.failed, { kind: "trouble" });
    [current, ...shelf].filter(Boolean).forEach(part);
    current = null;
    shelf = [];
    panel("rest");
    panels.rest.querySelector("[data-act=back]").focus({ preventScroll: true });
    return null;
  }

  async function stop() {
    await outbox.flush();
    atWork = false;
    window.clearTimeout(retry);
    [current, ...shelf].filter(Boolean).forEach(part);
    current = null;
    shelf = [];
    await post(root.dataset.leave, formOf([["stop", "1"]]));
    panel("ready");
    panels.ready.querySelector("[data-act=start]").focus({ preventScroll: true });
  }

  /* Until when the case is the reader's: said plainly, renewed while they work, never counted down in red. */
  function leaseText() {
    if (!current) return;
    const line = current.article.querySelector("[data-lease]"), left = current.until - Date.now();
    const time = new Intl.DateTimeFormat(window.watchfloor.locale, { hour: "2-digit", minute: "2-digit" }).format(new Date(current.until));
    line.textContent = left > 0 ? words.held_until.replace("{time}", time) : words.ended;
    current.article.classList.toggle("is-over", left <= 0);
  }
  function renewed(held, answer) {
    if (answer.status === 200 && answer.data.expires_at) held.until = new Date(answer.data.expires_at).getTime();
    if (held === current) leaseText();
  }
  window.setInterval(() => {
    leaseText();
    for (const held of [current, ...shelf].filter(Boolean)) {
      const left = held.until - Date.now();
      if (left < SOON_MS && left > 0) post(lease(held.token, "renew")).then((answer) => renewed(held, answer));
    }
    shelf = shelf.filter((held) => held.until - Date.now() > 5000 || form.isTouched(held.article));
  }, KEEP_MS);

  window.desk.saveDraft = (article) => {
    window.clearTimeout(draftTimer);
    draftTimer = window.setTimeout(() => post(lease(article.dataset.token, "draft"), formOf([...form.values(article), ["case", article.dataset.case]])), DRAFT_MS);
  };

  queueChoice.addEventListener("change", async () => {
    const tokens = shelf.map((one) => one.token);
    shelf = [];
    if (tokens.length) await post(root.dataset.leave, formOf(tokens.map((token) => ["holding", token])));
    if (atWork && !current) look(); else prepare();
  });

  window.addEventListener("pagehide", () => {
    const tokens = shelf.filter((one) => !one.begun).map((one) => one.token); // what was begun waits for its reader
    if (tokens.length) parting(root.dataset.leave, formOf(tokens.map((token) => ["holding", token])));
  });
  window.addEventListener("pageshow", (event) => { if (event.persisted) window.location.reload(); });
  window.addEventListener("online", () => outbox.resume());

  Object.assign(window.desk, {
    acts: { start: look, back: look, continue: look, send, undo, flush: outbox.flush, accept, minute, stop, reveal: () => current && media.reveal(current) },
    end, held: () => current, titleOf,
  });
  outbox.resume();
  if (root.dataset.holding && !root.dataset.resting) look();
})();
