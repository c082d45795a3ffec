// Keys for what is on the page as links and buttons anyway: without this script all of it is clicked.
"use strict";
(() => {
  const typing = (node) => node.closest("input:not([type=checkbox]), textarea, select");
  let row = -1;

  function move(step) {
    const rows = [...document.querySelectorAll("[data-row]")];
    if (!rows.length) return;
    row = Math.max(0, Math.min(rows.length - 1, row + step));
    rows[row].focus();
  }

  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.repeat) return;
    if (typing(event.target)) {
      if (event.key === "Escape") event.target.blur();
      return;
    }
    if (event.key === "j") return move(1);
    if (event.key === "k") return move(-1);
    if (event.key === "Enter" && event.target.closest("a, button, summary")) return;
    const target = document.querySelector(`[data-key="${CSS.escape(event.key)}"]`);
    if (!target) return;
    event.preventDefault();
    target.click();
  });

  document.addEventListener("change", (event) => {
    const all = event.target.dataset.all;
    if (!all) return;
    for (const box of event.target.form.querySelectorAll(`[name^="${all}"]`)) box.checked = event.target.checked;
  });

  // A batch goes on by itself: a step at a time, each shown.
  async function advance(form) {
    const bar = document.querySelector("progress");
    const count = document.querySelector("[data-done]");
    const undoing = form.dataset.advance === "undo";
    for (;;) {
      const answer = await fetch(form.action, {
        method: "POST",
        body: new FormData(form),
        headers: { Accept: "application/json" },
      });
      if (!answer.ok) return; // the button is still there
      const state = await answer.json();
      bar.value = count.textContent = undoing ? state.undone : state.done;
      if (state.over) return location.reload();
    }
  }
  document.addEventListener("DOMContentLoaded", () => {
    const batch = document.querySelector("form[data-advance]");
    if (batch) advance(batch);
  });
})();
