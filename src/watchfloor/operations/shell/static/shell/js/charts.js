/* Draws each element with data-chart from the JSON script it names; redrawn when the theme changes. No eval: ast. */
(function () {
  "use strict";
  const drawn = new Map();

  function theme(width) {
    const style = getComputedStyle(document.documentElement);
    const token = (name) => style.getPropertyValue(`--${name}`).trim();
    const series = [1, 2, 3, 4, 5, 6].map((at) => token(`series-${at}`));
    const ink = token("ink-2"), quiet = token("ink-3"), line = token("line");
    return {
      background: null, font: token("font"), padding: 4, view: { stroke: null },
      axis: {
        labelColor: quiet, titleColor: ink, gridColor: line, domainColor: token("line-2"), tickColor: token("line-2"),
        labelFont: token("font"), titleFont: token("font"), labelFontSize: 11, titleFontSize: 11, titleFontWeight: 500, labelPadding: 6,
      },
      axisY: { domain: false, ticks: false }, axisX: { grid: false },
      legend: { labelColor: ink, titleColor: ink, labelFont: token("font"), titleFont: token("font"), labelFontSize: 11, titleFontSize: 11, orient: "bottom", symbolType: "circle", symbolOpacity: 1, columns: Math.max(1, Math.min(6, Math.floor(width / 150))) },
      header: { labelColor: ink, titleColor: ink, labelFont: token("font"), labelFontSize: 11 },
      range: { category: series, heatmap: [token("surface-3"), series[0]] }, line: { color: series[0], strokeWidth: 1.75 }, area: { color: series[0] }, bar: { color: series[0] }, point: { color: series[0] },
      rule: { color: quiet }, text: { color: ink, font: token("font"), fontSize: 11 },
    };
  }

  async function draw(element) {
    const source = document.getElementById(element.dataset.chart);
    if (!source || !window.watchfloorCharts) return fail(element);
    const spec = JSON.parse(source.textContent);
    try {
      drawn.get(element)?.finalize();
      const result = await window.watchfloorCharts.embed(element, spec, {
        ast: true, actions: false, renderer: "svg", defaultStyle: false, config: theme(element.clientWidth),
        tooltip: { disableDefaultStyle: true, theme: "watchfloor" },
        timeFormatLocale: window.watchfloor.words.time_format || undefined,
      });
      drawn.set(element, result);
      element.removeAttribute("data-failed");
    } catch (error) {
      console.warn(error);
      fail(element);
    }
  }
  function fail(element) {
    element.dataset.failed = window.watchfloor.words.no_chart || "";
  }

  function all(under) {
    for (const element of drawn.keys()) if (!element.isConnected) { drawn.get(element).finalize(); drawn.delete(element); }
    under.querySelectorAll("[data-chart]").forEach((element) => { if (!drawn.has(element)) draw(element); });
  }
  document.addEventListener("watchfloor:look", () => [...drawn.keys()].forEach(draw));
  window.matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => [...drawn.keys()].forEach(draw));
  document.addEventListener("htmx:afterSettle", (event) => all(event.target));
  all(document);
})();
