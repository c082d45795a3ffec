// Nothing here is needed: every page works without it.
"use strict";

// The reader's clock, so that times are shown and read as on the phone that rang.
try {
  const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
  const clock = "zone=" + zone;
  if (zone && !document.cookie.includes(clock)) {
    document.cookie = clock + "; path=/; max-age=31536000; SameSite=Lax" +
      (location.protocol === "https:" ? "; Secure" : "");
    // The page names the police and the hot lines of another place. UTC is none.
    const zones = document.querySelector("main[data-zones]")?.dataset.zones.split(" ") ?? [zone];
    if (!zones.includes(zone) && zone !== "UTC" && document.cookie.includes(clock)) location.reload();
  }
} catch {
  // An old browser: times are shown for the country.
}

// A page that says what to do, instead of the browser's own, while there is no connection.
addEventListener("load", () => navigator.serviceWorker?.register("/service-worker.js").catch(() => {}));

// What was typed, chosen or unfolded, by the names of the fields. Files cannot be put back.
const fields = () => Array.from(document.querySelectorAll("main input, main select, main textarea, details"))
  .filter((each) => !["file", "hidden", "password"].includes(each.type));
const nameOf = (each) => /^(checkbox|radio)$/.test(each.type) ? `${each.name}=${each.value}`
  : each.name || each.tagName;
const what = (each) => each.tagName === "DETAILS" ? "open"
  : /^(checkbox|radio)$/.test(each.type) ? "checked" : "value";
const typed = () => fields().map((each) => [nameOf(each), each[what(each)]]);
const retype = (was) => {
  const left = new Map();
  for (const [name, value] of was) left.set(name, [...(left.get(name) || []), value]);
  for (const each of fields()) {
    const value = left.get(nameOf(each))?.shift();
    if (value !== undefined) each[what(each)] = value;
  }
};
const kept = (name) => {
  try {
    return JSON.parse(sessionStorage.getItem(name));
  } catch {
    return null; // A browser that keeps nothing
  }
};
const keep = (name, value) => {
  try {
    if (value === null) sessionStorage.removeItem(name);
    else sessionStorage.setItem(name, JSON.stringify(value));
  } catch {
    // Neither does it lose more than without script.
  }
};
const here = location.pathname;
const tellUnsent = (files) => {
  document.querySelector("main > .unsent")?.remove();
  const note = document.getElementById("unsent").content.firstElementChild.cloneNode(true);
  note.lastElementChild.hidden = !files;
  document.querySelector("main").prepend(note);
  note.focus();
};

// A change of language loads the page anew. Its main form comes back from the server; the rest of
// the page comes back here.
const left = kept("left");
keep("left", null);
if (left?.here === here) retype(left.typed);
for (const button of document.querySelectorAll("form.language button")) {
  button.addEventListener("click", () => keep("left", { here, typed: typed() }));
}

// A form whose answer never came, because the line broke off, or was that we cannot take it now, has
// its words when it is opened again in this tab within the hour. The answer to a form comes from the
// page that sent it.
const sent = kept("sent");
const [arrival] = performance.getEntriesByType("navigation");
const from = document.referrer.startsWith(location.origin) ? new URL(document.referrer).pathname : "";
const failed = document.querySelector("[data-unsent]");
const answered = arrival?.type === "navigate" && from === sent?.here && !failed;
if (sent && (answered || Date.now() - sent.at > 3600000)) {
  keep("sent", null);
} else if (sent?.here === here && !failed && ["", sent.search].includes(location.search)) {
  retype(sent.typed);
  tellUnsent(document.querySelector("input[type=file]"));
}

// A second press on "send" would send twice.
for (const form of document.querySelectorAll("form[method=post]")) {
  form.addEventListener("submit", (event) => {
    if (!navigator.onLine) {
      event.preventDefault();
      tellUnsent();
      return;
    }
    if ("forgets" in form.dataset) keep("sent", null); // the next person may use this tab
    const leaves = !event.submitter?.hasAttribute("data-stays"); // other than for a download
    if (leaves && form.querySelector("input:not([type=hidden]), select, textarea")) {
      keep("sent", { here, search: location.search, at: Date.now(), typed: typed() });
    }
    setTimeout(() => {
      for (const button of form.querySelectorAll("button")) {
        if (!button.classList.contains("plain")) button.disabled = true;
      }
    });
    // A download leaves the page where it is.
    setTimeout(() => {
      for (const button of form.querySelectorAll("button")) button.disabled = false;
    }, 8000);
  });
}
// In a form with several buttons, Enter presses the next one below the field.
document.addEventListener("keydown", (event) => {
  const field = event.target;
  if (event.key !== "Enter" || event.isComposing || field.tagName !== "INPUT" || !field.form) return;
  const all = Array.from(field.form.elements);
  const next = all.slice(all.indexOf(field)).find((each) => each.type === "submit");
  if (!next || next === all.find((each) => each.type === "submit")) return;
  event.preventDefault();
  next.click();
});
// Coming back with the browser's own button shows the page as it was left.
addEventListener("pageshow", () => {
  for (const button of document.querySelectorAll("button")) button.disabled = false;
});

// Signing in elsewhere changed the token against forged forms: the new one is fetched first.
for (const form of document.querySelectorAll("form[data-renew]")) {
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    try {
      const answer = await fetch(form.dataset.renew);
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      const fresh = page.querySelector("[name=csrfmiddlewaretoken]");
      if (fresh) form.elements.csrfmiddlewaretoken.value = fresh.value;
    } catch {
      // No network for a moment: the answer to the form asks once more.
    }
    form.submit();
  });
}

// What is too large is said before it is sent over a slow line.
for (const input of document.querySelectorAll("input[type=file][data-most]")) {
  input.addEventListener("change", () => {
    const { most, mostFiles, tooMuch } = input.dataset;
    const files = Array.from(input.files);
    const fits = files.length <= Number(mostFiles) && files.every((file) => file.size <= Number(most));
    input.setCustomValidity(fits ? "" : tooMuch);
    input.reportValidity();
  });
}

// Phones offer their own way to share a page.
for (const button of document.querySelectorAll("[data-share]")) {
  if (!navigator.share) continue;
  button.hidden = false;
  button.addEventListener("click", () => {
    navigator.share({ title: document.title, url: location.href }).catch(() => {});
  });
}

// A text to paste elsewhere. Browsers allow it on https alone.
for (const button of document.querySelectorAll("[data-copy]")) {
  if (!navigator.clipboard) continue;
  button.hidden = false;
  button.addEventListener("click", async () => {
    await navigator.clipboard.writeText(document.getElementById(button.dataset.copy).textContent);
    button.textContent = button.dataset.done;
  });
}

// Whether a new key has asked: its own page says so, and this one repeats it for ten minutes.
for (const note of document.querySelectorAll("[data-seen]")) {
  let left = 200;
  const ask = async () => {
    try {
      const answer = await fetch(note.dataset.seen);
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      const told = page.getElementById("seen");
      if (told && told.classList.contains("success")) {
        note.classList.add("success");
        note.textContent = told.textContent;
        return;
      }
    } catch {
      // No network for a moment.
    }
    if (--left > 0) setTimeout(ask, 3000);
  };
  setTimeout(ask, 3000);
}
