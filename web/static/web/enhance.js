// Nothing here is needed: every page works without it.
"use strict";

// The reader's clock, so that times are shown and read as on the phone that rang.
try {
  const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
  if (zone && !document.cookie.includes("zone=" + zone)) {
    document.cookie = "zone=" + zone + "; path=/; max-age=31536000; SameSite=Lax" +
      (location.protocol === "https:" ? "; Secure" : "");
  }
} catch {
  // An old browser: times are shown for the country.
}

// A second press on "send" would send twice.
for (const form of document.querySelectorAll("form[method=post]")) {
  form.addEventListener("submit", () => {
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

// A change of language loads the page anew. Its main form comes back from the server; what was typed,
// chosen or unfolded in the rest of the page comes back here, if the page has the same fields.
const fields = () => Array.from(document.querySelectorAll("input, select, textarea, details"));
const names = () => fields().map((each) => each.name || each.id || each.tagName).join(" ");
const typed = (each) => each.type === "file" || each.type === "hidden" ? null
  : each.open ?? (each.type === "checkbox" || each.type === "radio" ? each.checked : each.value);
try {
  const left = JSON.parse(sessionStorage.getItem("left") || "{}");
  sessionStorage.removeItem("left");
  if (left.names === names()) {
    fields().forEach((each, place) => {
      const was = left.typed[place];
      if (was === null) return;
      if (each.tagName === "DETAILS") each.open = was;
      else if (typeof was === "boolean") each.checked = was;
      else each.value = was;
    });
  }
  for (const button of document.querySelectorAll("form.language button")) {
    button.addEventListener("click", () => {
      const now = { names: names(), typed: fields().map(typed) };
      sessionStorage.setItem("left", JSON.stringify(now));
    });
  }
} catch {
  // A browser that keeps nothing: the main form comes back all the same.
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
