// Follows an evaluation while it runs.

const EVERY_MS = 1500;
const place = document.getElementById("evaluation");

async function follow() {
  if (!place.querySelector("[data-running]")) return;
  if (!document.hidden) {
    const answer = await fetch(place.dataset.from);
    if (answer.ok) place.innerHTML = await answer.text();
  }
  setTimeout(() => follow().catch(() => {}), EVERY_MS);
}

if (place) setTimeout(() => follow().catch(() => {}), EVERY_MS);
