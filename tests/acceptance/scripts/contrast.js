/* Texts weaker than WCAG AA: 4.5 to 1, 3 to 1 when large; icons and borders of fields 3 to 1. */
() => {
  const canvas = document.createElement("canvas");
  canvas.width = canvas.height = 1;
  const pen = canvas.getContext("2d", { willReadFrequently: true });
  const known = new Map();
  const rgba = (colour) => {
    if (!known.has(colour)) {
      pen.clearRect(0, 0, 1, 1);
      pen.fillStyle = colour;
      pen.fillRect(0, 0, 1, 1);
      const [r, g, b, a] = pen.getImageData(0, 0, 1, 1).data;
      known.set(colour, [r, g, b, a / 255]);
    }
    return known.get(colour);
  };
  const over = (top, ground) => [0, 1, 2].map((at) => top[at] * top[3] + ground[at] * (1 - top[3])).concat(1);
  const luminance = (colour) => {
    const [r, g, b] = colour.map((value) => { const c = value / 255; return c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4; });
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const contrast = (one, other) => {
    const [low, high] = [luminance(one), luminance(other)].sort((a, b) => a - b);
    return (high + 0.05) / (low + 0.05);
  };
  const groundOf = (element) => {
    const layers = [];
    for (let at = element; at; at = at.parentElement) {
      const colour = rgba(getComputedStyle(at).backgroundColor);
      if (colour[3] > 0) layers.push(colour);
      if (colour[3] === 1) break;
    }
    return layers.reverse().reduce((ground, layer) => over(layer, ground), [255, 255, 255, 1]);
  };
  const opacityOf = (element) => {
    let opacity = 1;
    for (let at = element; at; at = at.parentElement) opacity *= Number(getComputedStyle(at).opacity);
    return opacity;
  };
  const weak = new Map();
  const note = (element, kind, ratio, least, text) => {
    if (ratio + 0.005 >= least) return;
    const key = `${kind} ${element.tagName.toLowerCase()}.${[...element.classList].join(".")} in ${element.parentElement?.className || element.parentElement?.tagName}`;
    if (!weak.has(key)) weak.set(key, `${key}: ${ratio.toFixed(2)} < ${least} “${text.slice(0, 30)}”`);
  };
  const shown = (element) => element.checkVisibility({ visibilityProperty: true, opacityProperty: true })
    && !element.closest(".unseen, .skip, details:not([open]) > :not(summary)");
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  for (let node = walker.nextNode(); node; node = walker.nextNode()) {
    const text = node.textContent.trim();
    const element = node.parentElement;
    if (!text || element.closest("script, style, svg defs, option, [disabled]") || !shown(element)) continue;
    const style = getComputedStyle(element);
    const ground = groundOf(element);
    const ink = rgba(element.closest("svg") ? style.fill : style.color);
    const painted = over([...ink.slice(0, 3), ink[3] * opacityOf(element)], ground);
    const size = parseFloat(style.fontSize);
    const large = size >= 24 || (size >= 18.66 && Number(style.fontWeight) >= 700);
    note(element, "text", contrast(painted, ground), large ? 3 : 4.5, text);
  }
  for (const field of document.querySelectorAll("input:not([type=hidden]):not([type=radio]), select, textarea")) {
    if (!shown(field)) continue;
    const style = getComputedStyle(field);
    const ground = groundOf(field);
    note(field, "value", contrast(over(rgba(style.color), ground), ground), 4.5, field.name);
    if (field.placeholder) note(field, "placeholder", contrast(over(rgba(getComputedStyle(field, "::placeholder").color), ground), ground), 4.5, field.placeholder);
    if (field.type !== "checkbox" && style.borderTopWidth !== "0px") {
      const around = groundOf(field.parentElement);
      note(field, "border", contrast(over(rgba(style.borderTopColor), around), around), 3, field.name);
    }
  }
  for (const icon of document.querySelectorAll("svg.icon:not(.caret)")) {
    if (!shown(icon)) continue;
    const ground = groundOf(icon);
    note(icon.parentElement, "icon", contrast(over(rgba(getComputedStyle(icon).stroke), ground), ground), 3, "icon");
  }
  return [...weak.values()].slice(0, 40);
}
