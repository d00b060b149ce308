/* Shows media as the person's presentation asks: nothing loads before the notice is passed; blur lifts on demand. */
(function () {
  "use strict";
  if (!window.desk) return;
  const { words } = window.desk;

  function load(article) {
    for (const one of article.querySelectorAll("[data-src]")) {
      if (one.dataset.poster) one.poster = one.dataset.poster;
      if (one.matches("video, audio")) one.muted = Boolean(article.dataset.muted);
      one.addEventListener("error", () => one.closest("figure")?.setAttribute("data-failed", words.media_failed), { once: true });
      one.src = one.dataset.src;
      one.removeAttribute("data-src");
    }
    article.querySelectorAll("[data-player]").forEach((player) => new Frames(player, article));
    if (!article.dataset.paused) article.querySelector("video, audio")?.play?.().catch(() => {});
  }

  function dress(article) {
    article.classList.toggle("is-blurred", Boolean(article.dataset.blurred));
    article.classList.toggle("is-grey", Boolean(article.dataset.grey));
    const media = article.querySelectorAll("[data-medium='image'], [data-medium='video'], [data-medium='frames']");
    article.toggleAttribute("data-veiled", Boolean(article.dataset.blurred) && media.length > 0);
  }

  const isVeiled = (article) => article.classList.contains("is-blurred") && article.hasAttribute("data-veiled");

  function reveal(held, open) {
    const { article, clock } = held;
    if (!article.hasAttribute("data-veiled")) return;
    const show = open ?? isVeiled(article);
    article.classList.toggle("is-blurred", !show);
    if (show) clock.revealed = true;
    clock.content = show || hasText(article);
    article.querySelectorAll(".veil span").forEach((one) => { one.textContent = show ? words.hide : words.show; });
    window.desk.say(show ? words.hide : words.show);
  }

  /* A case whose text is its content is seen even while its media is veiled. */
  const hasText = (article) => Boolean(article.querySelector(".part .words, .part .message, .part .bio"));

  function accept(held) {
    const { article, clock } = held;
    article.querySelector("[data-notice-card]")?.remove();
    article.querySelector("[data-content]").hidden = false;
    load(article);
    clock.content = !isVeiled(article) || hasText(article);
  }

  /* A strip of frames with a play button, for clips that come as pictures with a sound track. */
  class Frames {
    constructor(player, article) {
      this.player = player;
      this.buttons = [...player.querySelectorAll("[data-strip] button")];
      this.urls = this.buttons.map((one) => one.querySelector("img").src);
      this.image = player.querySelector("[data-frame]");
      this.range = player.querySelector("[data-seek]");
      this.seconds = Number(player.closest("figure").dataset.seconds) || this.urls.length;
      this.at = 0;
      this.speed = 1;
      if (player.dataset.sound) {
        this.sound = new Audio(player.dataset.sound);
        this.sound.preload = "none";
        this.sound.muted = Boolean(article.dataset.muted);
        this.soundButton = player.querySelector("[data-sound-toggle]");
      }
      this.show();
      this.soundState();
      player.addEventListener("click", (event) => {
        const button = event.target.closest("button");
        if (button?.dataset.at) this.seek(Number(button.dataset.at));
        if (button?.matches("[data-play]")) this.toggle();
        if (button?.matches("[data-sound-toggle]")) this.toggleSound();
      });
      this.range.addEventListener("input", () => this.seek(Number(this.range.value)));
      player.querySelector("[data-speed]").addEventListener("change", (event) => {
        this.speed = Number(event.target.value);
        if (this.sound) this.sound.playbackRate = this.speed;
      });
      player.watchfloorFrames = this;
    }
    show() {
      this.image.src = this.urls[this.at];
      this.range.value = this.at;
      this.buttons.forEach((one, at) => one.setAttribute("aria-current", String(at === this.at)));
      const passed = Math.round(this.at / Math.max(1, this.urls.length - 1) * this.seconds);
      this.player.querySelector("[data-time]").textContent = `${clockText(passed)} / ${clockText(this.seconds)}`;
    }
    seek(at) {
      this.at = Math.min(Math.max(at, 0), this.urls.length - 1);
      if (this.sound) this.sound.currentTime = Math.min(this.at / this.urls.length * this.seconds, this.sound.duration || this.seconds);
      this.show();
    }
    toggle() {
      if (this.timer) return this.pause();
      if (this.at >= this.urls.length - 1) this.seek(0);
      this.player.setAttribute("data-playing", "");
      this.sound?.play().catch(() => {});
      const step = () => {
        if (!this.player.isConnected || this.at >= this.urls.length - 1) return this.pause();
        this.at += 1;
        this.show();
        this.timer = window.setTimeout(step, this.seconds / this.urls.length / this.speed * 1000);
      };
      this.timer = window.setTimeout(step, this.seconds / this.urls.length / this.speed * 1000);
      this.playState(true);
    }
    pause() {
      window.clearTimeout(this.timer);
      this.timer = 0;
      this.sound?.pause();
      this.player.removeAttribute("data-playing");
      this.playState(false);
    }
    playState(on) {
      const button = this.player.querySelector("[data-play]");
      button.textContent = on ? words.pause : words.play;
      button.setAttribute("aria-pressed", String(on));
    }
    toggleSound() {
      if (!this.sound) return;
      this.sound.muted = !this.sound.muted;
      this.soundState();
    }
    soundState() {
      if (!this.sound) return;
      this.player.toggleAttribute("data-sounding", !this.sound.muted);
      this.soundButton.textContent = this.sound.muted ? words.sound_off : words.sound_on;
      this.soundButton.setAttribute("aria-pressed", String(!this.sound.muted));
    }
  }

  const clockText = (seconds) => `${Math.floor(seconds / 60)}:${String(Math.floor(seconds % 60)).padStart(2, "0")}`;

  /* The first player of the case: a native one or a strip of frames. */
  function player(article) {
    const frames = article.querySelector("[data-player]")?.watchfloorFrames;
    return frames || article.querySelector("video, audio");
  }

  function play(article) {
    const one = player(article);
    if (!one) return false;
    if (one instanceof Frames) one.toggle();
    else if (one.paused) one.play().catch(() => {});
    else one.pause();
    return true;
  }
  function step(article, by) {
    const one = player(article);
    if (!one) return false;
    if (one instanceof Frames) one.seek(one.at + by);
    else one.currentTime = Math.max(0, one.currentTime + by * 3);
    return true;
  }
  function sound(article) {
    const one = player(article);
    if (!one) return false;
    if (one instanceof Frames) one.toggleSound();
    else one.muted = !one.muted;
    return true;
  }
  function stop(article) {
    article.querySelectorAll("video, audio").forEach((one) => one.pause());
    article.querySelectorAll("[data-player]").forEach((one) => one.watchfloorFrames?.timer && one.watchfloorFrames.pause());
  }

  /* Fetches what the next case will show, so that it is there when its turn comes; nothing is drawn. */
  function ahead(article) {
    for (const one of article.querySelectorAll("img[data-src]")) {
      const image = new Image();
      image.src = one.dataset.src;
    }
  }

  Object.assign(window.desk, { media: { dress, accept, reveal, isVeiled, play, step, sound, stop, ahead } });
})();
