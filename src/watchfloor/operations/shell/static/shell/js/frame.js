/* The frame's behaviour: theme, density, menus, the rail on a phone, the drawer, words for scripts. */
(function () {
  "use strict";
  const root = document.documentElement;
  const words = JSON.parse(document.getElementById("words")?.textContent || "{}");
  const locale = root.lang || "en";
  const number = new Intl.NumberFormat(locale);

  function duration(seconds) {
    if (seconds === null || seconds === undefined || Number.isNaN(seconds)) return "–";
    const whole = Math.round(Math.abs(seconds));
    const d = Math.floor(whole / 86400), h = Math.floor(whole / 3600) % 24, m = Math.floor(whole / 60) % 60;
    const pattern = d ? (h ? words.days : words.whole_days) : h ? (m ? words.hours : words.whole_hours) : m ? words.minutes : words.seconds;
    return (pattern || "{d} {h} {m} {s}").replace("{d}", d).replace("{h}", h).replace("{m}", m).replace("{s}", whole % 60);
  }

  function remember(name, value) {
    document.cookie = `${name}=${value}; path=/; max-age=31536000; samesite=lax`;
  }

  function choose(kind, value) {
    root.dataset[kind] = value;
    remember(kind, value);
    document.querySelectorAll(`[data-set-${kind}]`).forEach((button) => {
      button.setAttribute("aria-pressed", String(button.getAttribute(`data-set-${kind}`) === value));
    });
    document.dispatchEvent(new CustomEvent("watchfloor:look"));
  }

  document.addEventListener("click", (event) => {
    const button = event.target.closest("button");
    if (button?.dataset.setTheme) choose("theme", button.dataset.setTheme);
    if (button?.dataset.setDensity) choose("density", button.dataset.setDensity);
    if (button?.matches(".rail-toggle")) toggleRail();
    if (button?.matches("[data-close-drawer]")) closeDrawer();
    if (button?.matches("[data-close-dialog]")) button.closest("dialog").close();
    if (button?.matches("[data-open-shortcuts]")) document.getElementById("shortcuts").showModal();
    if (button?.matches("[data-copy-address]")) copyAddress(button);
    document.querySelectorAll("details.menu[open]").forEach((menu) => {
      if (!menu.contains(event.target)) menu.open = false;
    });
    const frame = document.querySelector(".frame");
    if (frame?.dataset.rail === "open" && !event.target.closest(".rail, .rail-toggle")) toggleRail();
  });

  function toggleRail() {
    const frame = document.querySelector(".frame");
    const open = frame.dataset.rail !== "open";
    frame.dataset.rail = open ? "open" : "";
    document.querySelector(".rail-toggle").setAttribute("aria-expanded", String(open));
    if (open) document.querySelector(".rail a.item")?.focus();
  }

  async function copyAddress(button) {
    await navigator.clipboard.writeText(window.location.href);
    say(words.copied);
    const before = button.textContent;
    button.textContent = words.copied;
    window.setTimeout(() => { button.textContent = before; }, 1600);
  }

  let opener = null;
  function openDrawer(from) {
    const drawer = document.getElementById("drawer");
    opener = from || document.activeElement;
    drawer.hidden = false;
    drawer.querySelector("[data-close-drawer]")?.focus();
  }
  function closeDrawer() {
    const drawer = document.getElementById("drawer");
    if (!drawer || drawer.hidden) return false;
    drawer.hidden = true;
    drawer.replaceChildren();
    document.querySelectorAll("tr[aria-selected]").forEach((row) => row.removeAttribute("aria-selected"));
    opener?.focus?.();
    return true;
  }

  function say(text) {
    const voice = document.getElementById("voice");
    if (voice) voice.textContent = text || "";
  }

  document.addEventListener("htmx:afterSwap", (event) => {
    if (event.target.id === "drawer") {
      const drawer = event.target;
      if (drawer.hidden) openDrawer(event.detail.requestConfig?.elt);
    }
  });
  document.addEventListener("htmx:sendError", () => say(words.unreachable));
  document.addEventListener("htmx:responseError", (event) => {
    const target = event.detail.target;
    if (!target || target === document.body) return;
    const box = document.createElement("div");
    box.className = "trouble";
    box.setAttribute("role", "alert");
    box.textContent = words.failed;
    target.replaceChildren(box);
    if (target.id === "drawer") target.hidden = false;
  });

  window.watchfloor = { words, number, duration, say, openDrawer, closeDrawer, locale };
})();
