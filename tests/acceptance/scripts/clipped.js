/* What a reader cannot see sideways: text beyond the screen, or cut off by a box that does not scroll. */
() => {
  const width = document.documentElement.clientWidth;
  const found = [];
  if (document.documentElement.scrollWidth > width) found.push(`page: ${document.documentElement.scrollWidth} > ${width}`);
  const name = (element) => `${element.tagName.toLowerCase()}.${[...element.classList].join(".")}`;
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  for (let node = walker.nextNode(); node; node = walker.nextNode()) {
    const text = node.textContent.trim();
    const parent = node.parentElement;
    if (!text || !parent.checkVisibility({ visibilityProperty: true, opacityProperty: true })) continue;
    if (parent.closest("script, style, svg, .unseen, .skip, caption, option, details:not([open]) > :not(summary)")) continue;
    const range = document.createRange();
    range.selectNodeContents(node);
    const box = range.getBoundingClientRect();
    if (!box.width) continue;
    let left = 0, right = width, why = "screen", hidden = false;
    for (let at = parent; at && at !== document.body; at = at.parentElement) {
      const style = getComputedStyle(at);
      if (style.clipPath !== "none") { hidden = true; break; }
      if (style.overflowX === "auto" || style.overflowX === "scroll") { left = -Infinity; right = Infinity; break; }
      if (style.overflowX === "hidden" || style.overflowX === "clip") {
        const frame = at.getBoundingClientRect();
        if (frame.right < right) { right = frame.right; why = name(at); }
        if (frame.left > left) { left = frame.left; why = name(at); }
      }
    }
    if (!hidden && (box.right > right + 1 || box.left < left - 1)) found.push(`${name(parent)} “${text.slice(0, 40)}” ends at ${Math.round(box.right)}, cut at ${Math.round(right)} by ${why}`);
  }
  for (const control of document.querySelectorAll("button, a, input, select, summary")) {
    if (!control.checkVisibility() || control.closest(".skip, .scroll, .rail, details:not([open]) > :not(summary)")) continue;
    const box = control.getBoundingClientRect();
    if (box.width > 1 && (box.right > width + 1 || box.left < -1)) found.push(`${name(control)} reaches from ${Math.round(box.left)} to ${Math.round(box.right)} of ${width}`);
  }
  return [...new Set(found)].slice(0, 20);
}
