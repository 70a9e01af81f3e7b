// The list of deployments: counts that come after the rows, rows that stay fresh, and keys.

const EVERY_MS = 4000;
const facets = document.getElementById("facets");
const table = document.getElementById("rows");
const live = document.getElementById("live");

if (facets && matchMedia("(max-width: 860px)").matches) facets.open = false;

async function count() {
  if (!facets) return;
  const body = facets.querySelector(".facets-body");
  const answer = await fetch(facets.dataset.from);
  body.innerHTML = answer.ok ? await answer.text() : "<p class='muted'>The counts are not to be had just now.</p>";
  body.dataset.ready = "yes";
}

let tag = "";
async function refresh() {
  const answer = await fetch(table.dataset.from, { headers: tag ? { "If-None-Match": tag } : {} });
  if (answer.status !== 200) return;
  const isFirst = tag === "";
  tag = answer.headers.get("ETag") ?? "";
  const body = table.tBodies[0];
  const known = new Set([...body.rows].map((row) => row.dataset.id));
  const focused = document.activeElement?.closest?.("tr[data-id]")?.dataset.id;
  const fresh = document.createElement("tbody");
  fresh.innerHTML = await answer.text();
  for (const row of fresh.rows) if (!known.has(row.dataset.id)) row.classList.add("new");
  body.replaceWith(fresh);
  if (focused) fresh.querySelector(`tr[data-id="${CSS.escape(focused)}"] a`)?.focus();
  if (!isFirst) count();
}

count();
if (table && live && !("still" in table.dataset)) {
  setInterval(() => { if (live.checked && !document.hidden) refresh().catch(() => {}); }, EVERY_MS);
}

document.addEventListener("keydown", (event) => {
  if (!table || event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.target.closest("input, textarea, select, [contenteditable]")) return;
  const step = { j: 1, ArrowDown: 1, k: -1, ArrowUp: -1 }[event.key];
  const here = document.activeElement?.closest?.("#rows tr[data-id]");
  if (!step || (!here && event.key.startsWith("Arrow"))) return;
  event.preventDefault();
  const rows = [...table.tBodies[0].rows];
  const place = here ? rows.indexOf(here) + step : step > 0 ? 0 : rows.length - 1;
  rows[Math.max(0, Math.min(rows.length - 1, place))].querySelector("a").focus();
});
