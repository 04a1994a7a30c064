"use strict";
// Everything works without this file, but the clipboard and what is live.
for (const button of document.querySelectorAll("button[data-copy]")) {
  button.hidden = false;
  button.addEventListener("click", async () => {
    const text = document.getElementById(button.dataset.copy);
    const said = document.getElementById(button.dataset.says);
    try {
      await navigator.clipboard.writeText(text.value);
      said.textContent = "Copied.";
    } catch {
      text.focus();
      text.select();
      said.textContent = "Selected: copy it with your keyboard.";
    }
  });
}
// Picks every box of the form, or none where all are picked.
for (const button of document.querySelectorAll("button[data-pick]")) {
  button.hidden = false;
  button.addEventListener("click", () => {
    const boxes = [...button.form.querySelectorAll(`input[type=checkbox][name="${button.dataset.pick}"]`)];
    const all = boxes.every((box) => box.checked);
    for (const box of boxes) box.checked = !all;
  });
}
// A part that is live is made anew on the server, escaped there like the page
// itself. Who reads with the keyboard inside of it is not interrupted.
for (const part of document.querySelectorAll("[data-live]")) {
  const lost = document.createElement("p");
  lost.className = "lost";
  lost.setAttribute("role", "status");
  part.before(lost);
  const follow = () => {
    const source = new EventSource(part.dataset.live);
    source.onmessage = (event) => {
      lost.textContent = "";
      if (!part.contains(document.activeElement)) part.innerHTML = event.data;
    };
    source.onerror = async () => {
      lost.textContent = "The connection is lost: what is below is not up to date. Trying again.";
      if (source.readyState !== EventSource.CLOSED) return;
      // The browser tries again by itself until it is answered. It gives up on an answer that is no stream: that of a
      // proxy before a server that starts, or of a server that does not know the session any more.
      try {
        const page = await fetch(location.href, { method: "HEAD", redirect: "manual" });
        if (page.type === "opaqueredirect") {
          const again = document.createElement("a");
          again.href = "/signin";
          again.textContent = "Sign in again.";
          lost.replaceChildren("You are signed out: what is below is not up to date. ", again);
          return;
        }
      } catch {
        // Still away.
      }
      setTimeout(follow, 3000);
    };
  };
  follow();
}
// Searches while somebody types: the answer is the page that the form leads to,
// of which the results are taken. One question is under way at a time, so that
// a server that is slow is asked less often, and one that is quick with each letter.
for (const form of document.querySelectorAll("form[data-typed]")) {
  let asking = false;
  let typed = false;
  const look = async () => {
    typed = asking;
    if (asking) return;
    asking = true;
    const query = new URLSearchParams(new FormData(form));
    try {
      const answer = await fetch(`${form.action}?${query}`, { signal: AbortSignal.timeout(10000) });
      const made = new DOMParser().parseFromString(await answer.text(), "text/html");
      const found = made.getElementById(form.dataset.typed);
      if (!answer.ok || !found) return;
      document.getElementById(form.dataset.typed).replaceWith(found);
      history.replaceState(null, "", `${form.action}?${query}`);
    } catch {
      // Not to be had now: the button still asks.
    } finally {
      asking = false;
      if (typed) look();
    }
  };
  form.addEventListener("input", look);
}
