// What every page needs: menus that close by themselves, and text that can be copied.

document.addEventListener("click", (event) => {
  for (const menu of document.querySelectorAll("details.me[open], details.menu[open], details.why[open]")) {
    if (!menu.contains(event.target)) menu.open = false;
  }
});

document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  for (const menu of document.querySelectorAll("details.me[open], details.menu[open], details.why[open]")) {
    menu.open = false;
    menu.querySelector("summary").focus();
  }
});

for (const button of document.querySelectorAll("button[data-copies]")) {
  button.addEventListener("click", async () => {
    const source = document.getElementById(button.dataset.copies);
    await navigator.clipboard.writeText(source.value ?? source.textContent);
    const before = button.textContent;
    button.textContent = "Copied";
    setTimeout(() => { button.textContent = before; }, 1500);
  });
}

// The browser knows its time zone; the server learns it the first time.
if (!document.cookie.includes("fairlead_zone=")) {
  const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
  if (zone) document.cookie = `fairlead_zone=${encodeURIComponent(zone)}; path=/; max-age=31536000; samesite=lax`;
}

// What cannot be taken back is asked about first.
for (const button of document.querySelectorAll("button[data-asks]")) {
  button.addEventListener("click", (event) => { if (!confirm(button.dataset.asks)) event.preventDefault(); });
}
