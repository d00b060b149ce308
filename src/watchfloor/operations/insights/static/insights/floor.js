/* The floor, live: rows change in place, countdowns tick, the summary follows. Told by server-sent events. */
(function () {
  "use strict";
  const table = document.getElementById("floor");
  if (!table) return;
  const { words, number, duration } = window.watchfloor;
  const levels = JSON.parse(document.getElementById("floor-words").textContent);
  const state = document.getElementById("live");
  const skew = { ms: 0 };
  const now = () => (Date.now() + skew.ms) / 1000;
  const asked = Number(table.dataset.now || 0);
  if (asked) skew.ms = asked * 1000 - Date.now();

  function standing(row) {
    const deadline = row.dataset.deadline === "" ? null : Number(row.dataset.deadline);
    const left = deadline === null ? null : deadline - now();
    const resting = levels.not_serving.includes(row.dataset.state || "live");
    const busy = Number(row.querySelector('[data-c="backlog"]').dataset.v) + Number(row.querySelector('[data-c="in_review"]').dataset.v);
    const people = Number(row.querySelector('[data-c="reviewers"]').dataset.v);
    if (left !== null && left < 0) return ["late", left];
    if (resting) return ["paused", left];
    if (left !== null && (left <= levels.soon_seconds || (left <= levels.unstaffed_seconds && !people))) return ["soon", left];
    if (!busy) return ["empty", null];
    return ["ok", left];
  }

  function due(row) {
    const [level, left] = standing(row);
    const cell = row.querySelector('[data-c="due"]');
    const age = row.dataset.oldest ? levels.no_deadline_age.replace("{duration}", duration(now() - Number(row.dataset.oldest))) : levels.no_deadline;
    const text = left === null ? (level === "ok" ? age : levels.names[level]) : (left < 0 ? words.late : words.left).replace("{duration}", duration(left));
    const count = cell.querySelector("[data-count]");
    if (count.textContent !== text) count.textContent = text;
    cell.dataset.v = left === null ? 9e15 - Math.round(row.dataset.oldest ? now() - Number(row.dataset.oldest) : 0) : Math.round(left);
    if (row.dataset.level === level) return;
    row.dataset.level = level;
    const tone = ["late", "soon", "ok"].includes(level) ? level : "idle";
    cell.querySelector(".chip").className = `chip ${tone}`;
    cell.querySelector("use").setAttribute("href", `#i-${levels.icons[level]}`);
    cell.querySelector("[data-t]").textContent = levels.names[level];
  }

  function put(row, name, value, text) {
    const cell = row.querySelector(`[data-c="${name}"]`);
    const holder = cell.querySelector("[data-t]");
    const shown = text ?? number.format(value ?? 0);
    cell.dataset.v = value ?? "9e15";
    if (holder.textContent === shown) return cell;
    holder.textContent = shown;
    cell.classList.remove("changed");
    void cell.offsetWidth;
    cell.classList.add("changed");
    return cell;
  }

  function bullet(cell, value, plan) {
    const picture = cell.querySelector("svg.bullet");
    if (!picture) return;
    const width = 96, at = width * 2 / 3;
    const scale = plan ? at / plan : value ? width / value : 0;
    const length = Math.min(value * scale, width);
    picture.querySelector(".value").setAttribute("width", length.toFixed(1));
    const over = picture.querySelector(".over");
    const isOver = plan && length > at * 1.1;
    if (over) over.setAttribute("width", isOver ? (length - at).toFixed(1) : 0);
    const label = cell.querySelector("[data-plan]");
    if (label) label.textContent = plan === null || plan === undefined ? "" : `/ ${number.format(Math.round(plan))}`;
  }

  const percent = (share) => {
    if (share === 0 || share === 1) return `${share * 100}%`;
    const text = (share * 100).toFixed(1);
    return text === "0.0" ? "<0.1%" : text === "100.0" ? ">99.9%" : `${text}%`;
  };
  function attainment(row, sla) {
    if (!sla || sla.value === null) return;
    const cell = put(row, "sla", sla.value, percent(sla.value));
    const span = cell.querySelector("[data-span]");
    if (!span || sla.low === null || sla.high === null) return;
    span.textContent = `${(sla.low * 100).toFixed(1)}–${(sla.high * 100).toFixed(1)}`;
    const width = 96, floor = levels.share_floor, place = (share) => Math.max(0, Math.min((share - floor) / (1 - floor), 1)) * width;
    const from = place(sla.low), to = Math.max(place(sla.high), from + 0.1);
    const picture = cell.querySelector(".range");
    picture?.classList.toggle("below", sla.value < floor);
    picture?.querySelector(".span").setAttribute("d", sla.high > floor ? `M${from.toFixed(1)} 4H${to.toFixed(1)}` : "");
    picture?.querySelector(".point").setAttribute("cx", place(sla.value).toFixed(1));
  }

  function update(fresh) {
    const row = document.getElementById(`q-${fresh.queue_slug}`);
    if (!row) return;
    row.dataset.deadline = fresh.oldest_deadline_at ? Math.floor(Date.parse(fresh.oldest_deadline_at) / 1000) : "";
    row.dataset.oldest = fresh.oldest_enqueued_at ? Math.floor(Date.parse(fresh.oldest_enqueued_at) / 1000) : "";
    row.dataset.state = fresh.state;
    put(row, "backlog", fresh.backlog);
    put(row, "in_review", fresh.in_review);
    bullet(put(row, "arrivals", fresh.arrivals_1h ?? 0), fresh.arrivals_1h ?? 0, fresh.plan_1h);
    put(row, "decided", fresh.decided_1h ?? 0);
    put(row, "reviewers", fresh.active_reviewers ?? 0);
    attainment(row, fresh.sla_attainment);
    due(row);
  }

  const rows = () => table.tBodies[0].rows;
  let settle = 0;
  function settleSoon() {
    if (settle) return;
    settle = window.setTimeout(() => {
      settle = 0;
      const busy = table.matches(":hover") || table.contains(document.activeElement);
      if (!busy) window.watchfloor.grid.resort(table);
      const form = document.querySelector('form[data-filter="floor"]');
      if (form && [...form.elements].some((element) => element.name && element.value)) window.watchfloor.grid.filter(form);
      document.body.dispatchEvent(new CustomEvent("floorchanged"));
    }, 3000);
  }

  let last = Date.now();
  function mark(name, text) {
    state.dataset.state = name;
    state.querySelector("[data-text]").textContent = text;
    state.title = text;
  }

  function connect() {
    const source = new EventSource(state.dataset.url, { withCredentials: true });
    source.addEventListener("hello", () => { last = Date.now(); mark("on", words.live); });
    source.addEventListener("floor", (event) => {
      const data = JSON.parse(event.data);
      last = Date.now();
      skew.ms = Date.parse(data.at) - Date.now();
      mark("on", words.live);
      data.rows.forEach(update);
      settleSoon();
    });
    source.addEventListener("bye", () => window.location.reload());
    source.onerror = () => {
      mark("lost", words.lost);
      if (source.readyState === EventSource.CLOSED) window.setTimeout(connect, 5000);
    };
    window.addEventListener("pagehide", () => source.close(), { once: true });
  }

  if (state) {
    connect();
    window.setInterval(() => {
      for (const row of rows()) due(row);
      if (state.dataset.state === "on" && Date.now() - last > 45000) mark("off", words.stale.replace("{duration}", duration((Date.now() - last) / 1000)));
    }, 1000);
  }

  document.addEventListener("click", (event) => {
    const open = event.target.closest("[data-open]");
    if (!open) return;
    table.querySelectorAll("tr[aria-selected]").forEach((row) => row.removeAttribute("aria-selected"));
    open.closest("tr").setAttribute("aria-selected", "true");
  });
})();
