/* The wallboard turns its pages, follows the floor's live stream, and leaves with one key. */
(function () {
  "use strict";
  const wall = document.getElementById("wall");
  const state = document.getElementById("wall-state");
  const words = JSON.parse(document.getElementById("wall-words").textContent);
  const seconds = Number(wall.dataset.seconds) || 12;
  let at = 0, held = false, waiting = 0, asked = 0;

  function pages() { return Array.from(wall.querySelectorAll(".wall-page")); }
  function show() {
    const all = pages();
    if (!all.length) return;
    at = ((at % all.length) + all.length) % all.length;
    all.forEach((one, number) => { one.hidden = number !== at; });
    wall.querySelectorAll(".wall-dots i").forEach((dot, number) => dot.classList.toggle("is-on", number === at));
  }
  function say(text, lost) { state.textContent = text; state.classList.toggle("is-lost", Boolean(lost)); }

  async function refresh() {
    waiting = 0; asked = Date.now();
    try {
      const answer = await fetch(wall.dataset.parts, { credentials: "same-origin", headers: { "HX-Request": "true" } });
      if (answer.redirected || answer.status === 403) { window.location.reload(); return; }
      if (!answer.ok) throw new Error(String(answer.status));
      const parsed = new DOMParser().parseFromString(await answer.text(), "text/html");
      wall.replaceChildren(...parsed.body.children);
      show();
      say(held ? words.held : words.live);
    } catch { say(words.lost, true); }
  }
  /* However fast the floor changes, the figures are asked for every three seconds at most. */
  function soon() {
    if (waiting) return;
    waiting = window.setTimeout(refresh, Math.max(0, 3000 - (Date.now() - asked)));
  }

  if (window.EventSource) {
    const stream = new EventSource(wall.dataset.live, { withCredentials: true });
    stream.addEventListener("floor", soon);
    stream.addEventListener("bye", () => window.location.reload());
    stream.addEventListener("open", () => say(words.live));
  }
  window.setInterval(soon, 15000);
  window.setInterval(() => { if (!held) { at += 1; show(); } }, seconds * 1000);
  document.addEventListener("keydown", (event) => {
    if (event.metaKey || event.ctrlKey || event.altKey) return;
    if (event.key === "Escape" && !document.fullscreenElement) window.location.assign(wall.dataset.exit);
    else if (event.key === " ") { held = !held; say(held ? words.held : words.live); event.preventDefault(); }
    else if (event.key === "ArrowRight") { at += 1; show(); }
    else if (event.key === "ArrowLeft") { at -= 1; show(); }
    else if (event.key.toLowerCase() === "f" && !document.fullscreenElement) document.documentElement.requestFullscreen().catch(() => {});
  });
  show();
}());
