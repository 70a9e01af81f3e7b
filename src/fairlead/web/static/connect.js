// Waits for what arrives, and says so without a reload.

const EVERY_MS = 2000;
const pulse = document.getElementById("pulse");

async function look() {
  const answer = await fetch(pulse.dataset.from);
  if (!answer.ok) return;
  const told = await answer.json();
  if (!told.mark || told.mark === pulse.dataset.mark) return;
  pulse.dataset.mark = told.mark;
  pulse.classList.add("arrived", "fresh");
  const link = document.createElement("a");
  link.href = told.address;
  link.textContent = told.text;
  pulse.querySelector(".said").replaceChildren("It arrived: ", link, ". You are connected.");
}

if (pulse) setInterval(() => { if (!document.hidden) look().catch(() => {}); }, EVERY_MS);
