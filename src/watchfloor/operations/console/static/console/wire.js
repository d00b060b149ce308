/* What the console's scripts share: words, requests that carry the token, notes to the reader. */
(function () {
  "use strict";
  const root = document.getElementById("console");
  if (!root) return;
  const words = JSON.parse(document.getElementById("desk-words").textContent);
  const token = JSON.parse(document.body.getAttribute("hx-headers") || "{}")["X-CSRFToken"] || "";

  /* The answer of a post: {status, kind, data}; status 0 when the server could not be reached. */
  async function post(url, form, { keepalive = false } = {}) {
    try {
      const response = await fetch(url, {
        method: "POST", body: form || new FormData(), keepalive, credentials: "same-origin",
        headers: { "X-CSRFToken": token, "Accept-Language": document.documentElement.lang },
      });
      const type = response.headers.get("Content-Type") || "";
      const data = type.includes("json") ? await response.json() : await response.text();
      return { status: response.status, kind: response.headers.get("X-Console") || "", data };
    } catch {
      return { status: 0, kind: "", data: null };
    }
  }

  /* Sends while the page goes away; what cannot be known then is asked for again by the next page. */
  function parting(url, form) {
    form.set("csrfmiddlewaretoken", token);
    if (!(navigator.sendBeacon && navigator.sendBeacon(url, form))) post(url, form, { keepalive: true });
  }

  function formOf(entries) {
    const form = new FormData();
    for (const [name, value] of entries) form.append(name, value);
    return form;
  }

  function node(tag, attributes, ...children) {
    const made = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes || {})) made.setAttribute(name, value);
    made.append(...children);
    return made;
  }

  /* A note above the case: stays until it is closed, or for some seconds when it only informs. */
  function note(text, { kind = "remark", more = [], seconds = 0, key = "" } = {}) {
    const notes = document.getElementById("desk-notes");
    if (key) notes.querySelector(`[data-note="${key}"]`)?.remove();
    const close = node("button", { class: "plain icon-only", type: "button", "aria-label": words.hide }, "×");
    const box = node("div", { class: `desk-note ${kind}`, "data-note": key }, node("div", {}, node("p", {}, text), ...more), close);
    close.addEventListener("click", () => box.remove());
    notes.append(box);
    if (seconds) window.setTimeout(() => box.remove(), seconds * 1000);
    return box;
  }
  const unnote = (key) => document.querySelector(`#desk-notes [data-note="${key}"]`)?.remove();

  window.desk = { root, words, post, parting, formOf, node, note, unnote, say: (text) => window.watchfloor.say(text) };
})();
