/* Measures the work on one case: active time, time with media, seconds in which content was visible.
   A gap without a sign of life counts as active up to half a minute, as handling up to two minutes. */
(function () {
  "use strict";
  if (!window.desk) return;
  const ACTIVE_GAP_MS = 30000, HANDLED_GAP_MS = 120000, TICK_MS = 250;
  let lastSign = performance.now();
  for (const kind of ["keydown", "pointermove", "pointerdown", "wheel", "scroll", "touchmove", "input"]) {
    window.addEventListener(kind, () => { lastSign = performance.now(); }, { passive: true, capture: true });
  }
  const isPlaying = () => Boolean(document.querySelector("#slot [data-playing]"))
    || [...document.querySelectorAll("#slot video, #slot audio")].some((one) => !one.paused);
  const isSounding = () => Boolean(document.querySelector("#slot [data-playing][data-sounding]"))
    || [...document.querySelectorAll("#slot video, #slot audio")].some((one) => !one.paused && !one.muted);

  class Clock {
    constructor() {
      Object.assign(this, { handled: 0, active: 0, media: 0, visible: 0, firstRender: "", soundOn: false, revealed: false, content: false, running: 0 });
    }
    start() {
      if (this.running) return;
      lastSign = performance.now();
      this.at = performance.now();
      this.running = window.setInterval(() => this.tick(), TICK_MS);
      if (!this.firstRender) {
        requestAnimationFrame(() => requestAnimationFrame(() => { this.firstRender = this.firstRender || new Date().toISOString(); }));
      }
    }
    tick() {
      const now = performance.now(), passed = now - this.at, gap = now - lastSign;
      this.at = now;
      const playing = isPlaying(), seen = document.visibilityState === "visible";
      if (playing || gap < HANDLED_GAP_MS) this.handled += Math.min(passed, HANDLED_GAP_MS);
      if (seen && (playing || gap < ACTIVE_GAP_MS)) this.active += passed;
      if (playing) this.media += passed;
      if (seen && this.content && (playing || gap < HANDLED_GAP_MS)) this.visible += passed;
      if (isSounding()) this.soundOn = true;
    }
    stop() {
      if (!this.running) return;
      this.tick();
      window.clearInterval(this.running);
      this.running = 0;
    }
    /* What the server is told; `veiled` says that media is blurred until it is asked for. */
    entries(veiled) {
      const whole = (value) => String(Math.round(value));
      return [
        ["handled_ms", whole(this.handled)], ["active_ms", whole(this.active)], ["media_ms", whole(this.media)],
        ["visible_ms", whole(this.visible)], ["first_render_at", this.firstRender],
        ["blurred", veiled && !this.revealed ? "1" : ""], ["sound_on", this.soundOn ? "1" : ""],
      ];
    }
  }
  window.desk.Clock = Clock;
})();
