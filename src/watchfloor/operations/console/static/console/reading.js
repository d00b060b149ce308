/* Content on a page that is only read: shown when asked for, media veiled by its class. */
(function () {
  "use strict";
  if (!window.desk) return;
  const { media } = window.desk;
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
