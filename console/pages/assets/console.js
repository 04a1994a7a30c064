"use strict";
// Everything works without this file, but the clipboard and what is live.

// left ends what belongs to the page that is shown.
let left = new AbortController();

const parse = (text) => new DOMParser().parseFromString(text, "text/html");

// A part that is live is made anew on the server, escaped there like the page
// itself. Who reads with the keyboard inside of it is not interrupted.
const follow = (part, signal) => {
  const lost = document.createElement("p");
  lost.className = "lost";
  lost.setAttribute("role", "status");
  part.before(lost);
  const listen = () => {
    if (signal.aborted) return;
    const source = new EventSource(part.dataset.live);
    signal.addEventListener("abort", () => source.close());
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
        const page = await fetch(location.href, { method: "HEAD", redirect: "manual", signal });
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
      setTimeout(listen, 3000);
    };
  };
  listen();
};

// Searches while somebody types: the answer is the page that the form leads to,
// of which the results are taken. One question is under way at a time, so that
// a server that is slow is asked less often, and one that is quick with each letter.
const search = (form, signal) => {
  let asking = false;
  let typed = false;
  const look = async () => {
    typed = asking;
    if (asking) return;
    asking = true;
    const query = new URLSearchParams(new FormData(form));
    try {
      const answer = await fetch(`${form.action}?${query}`, { signal: AbortSignal.any([signal, AbortSignal.timeout(10000)]) });
      const found = parse(await answer.text()).getElementById(form.dataset.typed);
      // A new address would end the way to another page.
      if (!answer.ok || !found || signal.aborted || window.navigation?.transition) return;
      document.getElementById(form.dataset.typed).replaceWith(found);
      history.replaceState(null, "", `${form.action}?${query}`);
    } catch {
      // Not to be had now: the button still asks.
    } finally {
      asking = false;
      if (typed && !signal.aborted) look();
    }
  };
  form.addEventListener("input", look);
};

const copy = (button) => {
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
};

// Picks every box of the form, or none where all are picked.
const pick = (button) => {
  button.hidden = false;
  button.addEventListener("click", () => {
    const boxes = [...button.form.querySelectorAll(`input[type=checkbox][name="${button.dataset.pick}"]`)];
    const all = boxes.every((box) => box.checked);
    for (const box of boxes) box.checked = !all;
  });
};

const begin = () => {
  const main = document.getElementById("main");
  for (const button of main.querySelectorAll("button[data-copy]")) copy(button);
  for (const button of main.querySelectorAll("button[data-pick]")) pick(button);
  for (const part of main.querySelectorAll("[data-live]")) follow(part, left.signal);
  for (const form of main.querySelectorAll("form[data-typed]")) search(form, left.signal);
};
begin();

// From here on: a link or a form changes the page that is open, which takes a
// browser half the time of a new one. A new one is loaded where it has no
// Navigation API, and where an answer is no page of somebody who is signed in.
// Nothing is asked for before it is wanted: a page tells what was done once.

const isPage = (made) => made.getElementById("main") && made.querySelector("header nav");

// page is what an address answers; null is what has to be loaded as a whole.
const page = async (to, request) => {
  const answer = await fetch(to, request);
  if (!answer.headers.get("Content-Type")?.startsWith("text/html")) return null;
  const made = parse(await answer.text());
  return isPage(made) ? { made, to: answer.redirected ? answer.url : "" } : null;
};

const show = (made) => {
  left.abort();
  left = new AbortController();
  document.title = made.title;
  document.querySelector("header").replaceWith(made.querySelector("header"));
  document.getElementById("main").replaceWith(made.getElementById("main"));
  begin();
};

// focus tells where somebody is now: a reader reads what has the keyboard.
const focus = (element, preventScroll) => {
  if (element.tabIndex < 0) element.tabIndex = -1;
  element.focus({ preventScroll });
};

// What a page says first: what was done, found or went wrong.
const first = ":is([role=alert], [role=status]):not(:empty, [data-live] *)";

// settle puts the keyboard on what the page says first, or on its heading. On the
// way back it is on the link that led away.
const settle = (event, from) => {
  const main = document.getElementById("main");
  const back = event.navigationType === "traverse";
  const aimed = location.hash && document.getElementById(decodeURIComponent(location.hash.slice(1)));
  const link = back && main.querySelector(`a[href="${CSS.escape(from.pathname + from.search)}"]`);
  if (back || aimed) event.scroll();
  else scrollTo(0, 0);
  focus(link || aimed || main.querySelector(first) || main.querySelector("h1"), Boolean(back || aimed));
};

let sending = null; // the form that is under way

// send stays at the address of the form's page until it is known where it leads.
const send = async (to, form) => {
  if (sending) return; // pressed twice
  const main = document.getElementById("main");
  const mine = sending = new AbortController();
  main.ariaBusy = "true";
  try {
    const answer = await page(to, { method: "POST", body: new URLSearchParams(form), signal: mine.signal });
    if (!answer) throw new TypeError("no page");
    const url = answer.to || location.href;
    navigation.navigate(url, { history: url === location.href ? "replace" : "push", info: answer });
  } catch {
    if (mine.signal.aborted) return;
    const unsure = document.createElement("p");
    unsure.className = "problem";
    unsure.setAttribute("role", "alert");
    unsure.textContent = "No answer came: whether it was done is not known. Look before you send it again.";
    main.querySelector("h1").after(unsure);
    focus(unsure, false);
  } finally {
    main.ariaBusy = null;
    if (sending === mine) sending = null;
  }
};

window.navigation?.addEventListener("navigate", (event) => {
  const to = new URL(event.destination.url);
  const traverses = event.navigationType === "traverse";
  if (!event.canIntercept || event.hashChange || event.downloadRequest !== null || event.navigationType === "reload" ||
    to.pathname.startsWith("/signin") || !isPage(document) || event.destination.sameDocument !== traverses) return;
  if (event.formData) {
    if (to.pathname === "/signout") return;
    event.preventDefault();
    send(to, event.formData);
    return;
  }
  sending?.abort();
  const from = new URL(location.href);
  event.intercept({
    focusReset: "manual",
    scroll: "manual",
    handler: async () => {
      let answer = event.info;
      try {
        answer ??= await page(to, { signal: event.signal });
      } catch {
        if (event.signal.aborted) return;
      }
      if (!answer) location.reload();
      else if (answer.to && answer !== event.info) navigation.navigate(answer.to, { history: "replace", info: answer });
      else {
        show(answer.made);
        settle(event, from);
      }
    },
  });
});
