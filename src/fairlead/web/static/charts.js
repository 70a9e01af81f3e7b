// Draws the charts of a page after its first paint, with the colours of the page.

const source = document.getElementById("charts");
if (source) draw(JSON.parse(source.textContent)).catch((error) => console.error(error));

async function draw(specifications) {
  const places = [...document.querySelectorAll(".plot[data-chart]")].filter((place) => specifications[place.dataset.chart]);
  if (places.length === 0) return;
  if (!window.vegaEmbed) {
    await painted();
    await load(source.dataset.library);
  }
  for (const place of places) {
    await one(place, specifications[place.dataset.chart]);
    // Whoever has clicked meanwhile need not wait for the other charts.
    await new Promise((done) => setTimeout(done));
  }
  document.documentElement.dataset.drawn = "yes";
}

// To read the library takes longer than all else, and nothing would be seen until then.
function painted() {
  return new Promise((done) => new PerformanceObserver(done).observe({ type: "paint", buffered: true }));
}

function load(address) {
  return new Promise((done, failed) => {
    const script = document.createElement("script");
    script.src = address;
    script.addEventListener("load", done);
    script.addEventListener("error", () => failed(new Error("the chart library cannot be had")));
    document.head.append(script);
  });
}

function colour(name) {
  const probe = document.createElement("span");
  probe.className = "probe";
  probe.style.color = `var(--${name})`;
  document.body.append(probe);
  const found = getComputedStyle(probe).color;
  probe.remove();
  return found;
}

function looks(name, specification) {
  const stages = [1, 2, 3, 4, 5].map((number) => colour(`stage-${number}`));
  const series = [1, 2, 3, 4, 5, 6].map((number) => colour(`series-${number}`));
  const isStacked = name === "lead_time" && specification.mark.type === "bar";
  return {
    background: "transparent",
    font: getComputedStyle(document.body).fontFamily,
    view: { stroke: null },
    axis: { gridColor: colour("line"), domainColor: colour("line-strong"), tickColor: colour("line-strong"), labelColor: colour("muted"), titleColor: colour("muted"), labelFontSize: 11, titleFontWeight: "normal" },
    axisX: { grid: false },
    legend: { labelColor: colour("text"), symbolType: "square" },
    mark: { color: colour("accent") },
    range: { category: isStacked ? stages : series },
  };
}

async function one(place, specification) {
  const tip = document.createElement("div");
  tip.className = "tip";
  tip.hidden = true;
  const { view } = await window.vegaEmbed(place, specification, {
    ast: true, actions: false, defaultStyle: false, renderer: "canvas", config: looks(place.dataset.chart, specification),
    tooltip: (_handler, event, item, value) => {
      const datum = item?.datum;
      tip.hidden = !value || !datum?.said;
      if (tip.hidden) return;
      tip.textContent = `${datum.at}${datum.series ? ` · ${datum.series}` : ""}: ${datum.said}`;
      const box = place.getBoundingClientRect();
      tip.style.left = `${Math.min(event.clientX - box.left + 12, box.width - 160)}px`;
      tip.style.top = `${event.clientY - box.top + 12}px`;
    },
  });
  place.append(tip);
  view.addEventListener("click", (_event, item) => { if (item?.datum?.address) location.href = item.datum.address; });
  place.dataset.drawn = "yes";
}

matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => {
  if (source && window.vegaEmbed) draw(JSON.parse(source.textContent)).catch((error) => console.error(error));
});
