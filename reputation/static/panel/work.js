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

  // Keys can be switched off (WCAG 2.1.4): a voice or a hand that slips presses letters, too.
  const SWITCH = "panel.keys";
  const off = () => localStorage.getItem(SWITCH) === "off";

  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.repeat) return;
    if (typing(event.target)) {
      if (event.key === "Escape") event.target.blur();
      return;
    }
    if (off()) return;
    if (event.key === "j") return move(1);
    if (event.key === "k") return move(-1);
    if (event.key === "Enter" && event.target.closest("a, button, summary")) return;
    if (event.key === "?") return showKeys();
    const field = event.key === "/" && document.getElementById("searchbar");
    const target = field || document.querySelector(`[data-key="${CSS.escape(event.key)}"]`);
    if (!target) return;
    event.preventDefault();
    if (field) field.focus();
    else target.click();
  });

  function showKeys() {
    const keys = document.getElementById("keys");
    if (!keys) return;
    keys.open = !keys.open;
    if (keys.open) keys.querySelector("summary").focus();
  }

  document.addEventListener("DOMContentLoaded", () => {
    const button = document.querySelector("[data-switch]");
    if (!button) return;
    const words = [button.textContent, button.dataset.switch];
    const say = () => (button.textContent = words[off() ? 1 : 0]);
    button.parentElement.hidden = false;
    button.addEventListener("click", () => {
      localStorage.setItem(SWITCH, off() ? "on" : "off");
      say();
    });
    say();
  });

  // Screen readers and keys begin at what was refused: it is above the form, and the page opens anew.
  // What the dashboard tells in that style refuses nothing.
  document.addEventListener("DOMContentLoaded", () => {
    const refused = document.querySelector("body:not(.dashboard) .errornote, .errorlist");
    if (!refused) return;
    refused.tabIndex = -1;
    refused.focus();
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
    const waits = document.querySelector("[data-waits]");
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
      waits.textContent = state.waits;
      waits.hidden = !state.waits;
      if (state.waits) await new Promise((goOn) => setTimeout(goOn, 10_000));
    }
  }
  document.addEventListener("DOMContentLoaded", () => {
    const batch = document.querySelector("form[data-advance]");
    if (batch) advance(batch);
  });
})();
