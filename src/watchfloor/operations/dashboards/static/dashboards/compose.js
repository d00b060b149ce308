/* Composing a dashboard: a tile moves by the arrow keys on its grip, or by dragging; the server keeps the order. */
(function () {
  "use strict";
  const board = () => document.getElementById("board");
  let refocus = null;

  function move(tile, to) {
    const held = board();
    refocus = tile;
    window.htmx.ajax("POST", held.dataset.change, {
      target: "#board", swap: "outerHTML", values: { act: "move", tile, to, version: held.dataset.version },
    });
  }
  const order = () => [...board().querySelectorAll("[data-tile]")].map((each) => each.dataset.tile);

  document.addEventListener("keydown", (event) => {
    const grip = event.target.closest?.("[data-grip]");
    const by = { ArrowLeft: -1, ArrowUp: -1, ArrowRight: 1, ArrowDown: 1 }[event.key];
    if (!grip || !by) return;
    event.preventDefault();
    const tile = grip.closest("[data-tile]").dataset.tile, at = order().indexOf(tile), to = at + by;
    if (to >= 0 && to < order().length) move(tile, to);
  });
  document.addEventListener("htmx:afterSettle", () => {
    if (!refocus) return;
    document.querySelector(`[data-tile="${CSS.escape(refocus)}"] [data-grip]`)?.focus();
    refocus = null;
  });

  let dragged = null;
  const over = (event) => event.target.closest?.("#board [data-tile]");
  document.addEventListener("dragstart", (event) => {
    const tile = over(event);
    if (!tile || !tile.draggable) return;
    dragged = tile.dataset.tile;
    tile.dataset.dragged = "";
    event.dataTransfer.effectAllowed = "move";
    event.dataTransfer.setData("text/plain", dragged);
  });
  document.addEventListener("dragover", (event) => {
    const tile = over(event);
    if (!dragged || !tile) return;
    event.preventDefault();
    document.querySelectorAll("[data-over]").forEach((each) => { if (each !== tile) delete each.dataset.over; });
    if (tile.dataset.tile !== dragged) tile.dataset.over = "";
  });
  document.addEventListener("drop", (event) => {
    const tile = over(event);
    if (!dragged || !tile) return;
    event.preventDefault();
    if (tile.dataset.tile !== dragged) move(dragged, order().indexOf(tile.dataset.tile));
  });
  document.addEventListener("dragend", () => {
    document.querySelectorAll("[data-dragged], [data-over]").forEach((each) => { delete each.dataset.dragged; delete each.dataset.over; });
    dragged = null;
  });
})();
