/* Content on a page that is only read: shown when asked for, media veiled by its class. */
(function () {
  "use strict";
  if (!window.desk) return;
  const { media } = window.desk;
  document.addEventListener("click", (event) => {
    const tab = event.target.closest("[data-guide]");
    if (!tab) return;
    const guide = tab.closest(".guide");
    guide.querySelectorAll("[role=tab]").forEach((one) => {
      one.setAttribute("aria-selected", String(one === tab));
      one.tabIndex = one === tab ? 0 : -1;
    });
    guide.querySelectorAll("[data-page]").forEach((page) => { page.hidden = page.dataset.page !== tab.dataset.guide; });
  });
  document.querySelectorAll("article.case").forEach((article) => {
    const held = { article, clock: {} };
    media.dress(article);
    if (!article.querySelector("[data-notice-card]")) media.accept(held);
    article.addEventListener("click", (event) => {
      const act = event.target.closest("[data-act]")?.dataset.act;
      if (act === "accept") media.accept(held);
      if (act === "reveal") media.reveal(held);
    });
  });
})();
