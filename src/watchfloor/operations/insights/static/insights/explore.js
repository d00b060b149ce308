/* Explore asks again as soon as a choice is complete: period, grain; dates need both ends. Empty fields stay away. */
(function () {
  "use strict";
  const form = document.getElementById("ask");
  if (!form) return;
  const first = new URLSearchParams(new FormData(form)).toString();
  form.addEventListener("change", (event) => {
    const name = event.target.name;
    if (name === "period") {
      form.elements.from.value = "";
      form.elements.to.value = "";
      form.requestSubmit();
    }
    if (name === "grain" || name === "against" || name === "cohort" || name === "tz") form.requestSubmit();
    if ((name === "from" || name === "to") && form.elements.from.value && form.elements.to.value) form.requestSubmit();
  });
  form.querySelectorAll("details.menu").forEach((menu) => menu.addEventListener("toggle", () => {
    if (!menu.open && new URLSearchParams(new FormData(form)).toString() !== first) form.requestSubmit();
  }));
  form.addEventListener("submit", () => {
    for (const element of form.elements) if (element.name && !element.value) element.disabled = true;
  });
  document.addEventListener("click", async (event) => {
    const button = event.target.closest("[data-copy]");
    if (!button) return;
    await navigator.clipboard.writeText(document.getElementById(button.dataset.copy).textContent);
    window.watchfloor.say(window.watchfloor.words.copied);
    const before = button.textContent;
    button.textContent = "✓";
    window.setTimeout(() => { button.textContent = before; }, 1600);
  });
})();
