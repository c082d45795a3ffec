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
// Coming back with the browser's own button shows the page as it was left.
addEventListener("pageshow", () => {
  for (const button of document.querySelectorAll("button")) button.disabled = false;
});

// What is too large is said before it is sent over a slow line.
for (const input of document.querySelectorAll("input[type=file][data-most]")) {
  input.addEventListener("change", () => {
    const most = Number(input.dataset.most);
    const large = Array.from(input.files).some((file) => file.size > most);
    input.setCustomValidity(large ? input.dataset.tooLarge : "");
    if (large) input.reportValidity();
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
