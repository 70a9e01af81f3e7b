// The search bar: completion of keys and values, mistakes shown where they are, and days of one's own.

const ESCAPES = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" };
const escaped = (text) => text.replace(/[&<>"]/g, (sign) => ESCAPES[sign]);

for (const form of document.querySelectorAll("form[data-completes]")) {
  const input = form.querySelector("input[name=query]");
  if (input) new Completion(form, input);
  const range = form.querySelector("select[name=range]");
  if (range) offerDays(form, range);
}

document.addEventListener("keydown", (event) => {
  const isTyping = event.target.closest("input, textarea, select, [contenteditable]");
  if (event.key !== "/" || isTyping || event.ctrlKey || event.metaKey) return;
  const input = document.querySelector("form[data-completes] input[name=query]");
  if (input) { event.preventDefault(); input.focus(); input.select(); }
});

function offerDays(form, range) {
  const days = form.querySelector(".days");
  range.addEventListener("change", () => {
    const own = range.value === "";
    days.hidden = !own;
    for (const one of days.querySelectorAll("input")) one.disabled = !own;
    if (own) days.querySelector("input").focus(); else form.requestSubmit();
  });
  form.addEventListener("submit", () => { if (range.value === "") range.disabled = true; });
}

function Completion(form, input) {
  const noun = form.dataset.completes;
  const list = document.createElement("ul");
  list.className = "completions";
  list.id = "completions";
  list.setAttribute("role", "listbox");
  list.setAttribute("aria-label", "Suggestions");
  list.hidden = true;
  input.after(list);
  for (const [name, value] of Object.entries({ role: "combobox", "aria-autocomplete": "list", "aria-expanded": "false", "aria-controls": list.id })) input.setAttribute(name, value);
  const complaint = document.getElementById("search-complaint");
  let found = [], of = "", chosen = -1, asked = 0, timer = 0;

  const close = () => { list.hidden = true; chosen = -1; input.setAttribute("aria-expanded", "false"); input.removeAttribute("aria-activedescendant"); };

  const draw = () => {
    list.replaceChildren(...found.map((one, place) => {
      const item = document.createElement("li");
      item.id = `completion-${place}`;
      item.setAttribute("role", "option");
      item.setAttribute("aria-selected", String(place === chosen));
      item.textContent = one.label;
      if (one.is_key) item.classList.add("key");
      item.addEventListener("mousedown", (event) => { event.preventDefault(); take(place); });
      return item;
    }));
    list.hidden = found.length === 0;
    input.setAttribute("aria-expanded", String(!list.hidden));
    if (chosen >= 0) {
      input.setAttribute("aria-activedescendant", `completion-${chosen}`);
      list.children[chosen].scrollIntoView({ block: "nearest" });
    } else input.removeAttribute("aria-activedescendant");
  };

  const take = (place) => {
    const one = found[place];
    // What was typed since the suggestions came belongs to the word that they are for.
    const rest = input.value.slice(one.end + input.value.length - of.length);
    const text = one.text + (one.is_key || rest.startsWith(" ") ? "" : " ");
    input.value = input.value.slice(0, one.start) + text + rest;
    input.setSelectionRange(one.start + text.length, one.start + text.length);
    close();
    ask();
  };

  const say = (wrong) => {
    // While the end is being written, a query that is merely unfinished is no mistake.
    const shown = wrong && wrong.position < input.value.trimEnd().length;
    input.toggleAttribute("aria-invalid", Boolean(shown));
    if (shown) input.setAttribute("aria-invalid", "true");
    if (!complaint) return;
    const text = input.value, at = shown ? wrong.position : 0;
    complaint.innerHTML = shown
      ? `<code>${escaped(text.slice(0, at))}<mark>${escaped(text.slice(at, at + 1)) || "␣"}</mark>${escaped(text.slice(at + 1))}</code> ${escaped(wrong.detail[0].toUpperCase() + wrong.detail.slice(1))}.`
      : "";
  };

  const ask = () => {
    clearTimeout(timer);
    const mine = ++asked;
    timer = setTimeout(async () => {
      const query = input.value, cursor = [...query.slice(0, input.selectionStart)].length;
      const answer = await fetch(`/completion?${new URLSearchParams({ noun, query, cursor })}`);
      const told = answer.ok ? await answer.json() : null;
      if (!told || mine !== asked || document.activeElement !== input) return;
      const before = found[chosen]?.label;
      [found, of] = [told.suggestions, query];
      // Whoever has chosen one keeps it while the list is made anew.
      chosen = found.findIndex((one) => one.label === before);
      draw();
      say(told.wrong);
    }, 90);
  };

  input.addEventListener("input", ask);
  input.addEventListener("focus", () => { if (input.value === "") ask(); });
  input.addEventListener("blur", close);
  input.addEventListener("keydown", (event) => {
    if (list.hidden) { if (event.key === "ArrowDown") { event.preventDefault(); ask(); } return; }
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      const step = event.key === "ArrowDown" ? 1 : -1;
      chosen = (chosen + step + found.length + (chosen < 0 && step < 0 ? 1 : 0)) % found.length;
      draw();
    } else if ((event.key === "Enter" || event.key === "Tab") && chosen >= 0) { event.preventDefault(); take(chosen); }
    else if (event.key === "Escape") { event.preventDefault(); close(); }
    else if (event.key === "Enter") close();
  });
}
