/* Answers on their way: each waits a few seconds in which it can be taken back, and is kept until the server has it. */
(function () {
  "use strict";
  if (!window.desk) return;
  const { root, words, post, parting, formOf } = window.desk;
  const DELAY_MS = 5000, RETRY_MS = 3000;
  const name = `watchfloor-outbox:${root.dataset.reviewer}`;
  const bar = document.getElementById("outbox");
  const listeners = { done: () => {}, refused: () => {}, stale: () => {} };
  let waiting = null, timer = 0, ticker = 0;

  const url = (token) => `${root.dataset.leases}${token}/submit/`;
  const read = () => { try { return JSON.parse(localStorage.getItem(name) || "[]"); } catch { return []; } };
  function write(entries) {
    try { localStorage.setItem(name, JSON.stringify(entries)); } catch { /* the answer is still held in the page */ }
  }
  const add = (entry) => write([...read().filter((one) => one.token !== entry.token), entry]);
  const drop = (token) => write(read().filter((one) => one.token !== token));

  /* Lets an answer wait; the one before it goes out now. `delay` 0 sends at once. */
  function put(entry, held, { delay = DELAY_MS, title = "" } = {}) {
    flush();
    add(entry);
    if (!delay) return deliver(entry, held);
    waiting = { entry, held };
    const ends = performance.now() + delay;
    bar.hidden = false;
    bar.classList.remove("is-running");
    void bar.offsetWidth;
    bar.classList.add("is-running");
    const show = () => {
      const left = Math.max(0, Math.ceil((ends - performance.now()) / 1000));
      bar.querySelector("[data-outbox-text]").textContent = `${title} · ${words.sending_in.replace("{n}", left)}`;
    };
    show();
    window.desk.say(words.sent);
    ticker = window.setInterval(show, 500);
    timer = window.setTimeout(flush, delay);
    return null;
  }

  function settle() {
    window.clearTimeout(timer);
    window.clearInterval(ticker);
    bar.hidden = true;
    const held = waiting;
    waiting = null;
    return held;
  }

  /* Sends what waits, now. */
  function flush() {
    if (!waiting) return null;
    const { entry, held } = settle();
    return deliver(entry, held);
  }

  /* Takes the waiting answer back; nothing was sent. */
  function undo() {
    if (!waiting) return null;
    const { entry, held } = settle();
    drop(entry.token);
    return held;
  }

  async function deliver(entry, held) {
    const answer = await post(url(entry.token), formOf(entry.entries), { keepalive: true });
    if (answer.status === 0 || answer.status >= 500 || answer.status === 429) {
      window.desk.note(words.offline, { key: "offline", kind: "remark" });
      window.setTimeout(() => deliver(entry, held), RETRY_MS);
      return null;
    }
    window.desk.unnote("offline");
    drop(entry.token);
    if (answer.status === 200) listeners.done(entry, held, answer.data);
    else if (answer.status === 409) listeners.stale(entry, held);
    else listeners.refused(entry, held, answer.data || {});
    return answer;
  }

  /* What an earlier page left behind: it goes out again; an answer that had arrived is only confirmed. */
  function resume() {
    for (const entry of read()) deliver(entry, null);
  }

  window.addEventListener("pagehide", () => {
    for (const entry of read()) parting(url(entry.token), formOf(entry.entries));
  });

  Object.assign(window.desk, {
    outbox: { put, flush, undo, resume, listeners, tokens: () => read().map((one) => one.token), isWaiting: () => Boolean(waiting) },
  });
})();
