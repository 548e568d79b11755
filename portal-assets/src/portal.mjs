// Improves pages; none needs it. Only the components that the portal uses.
import {
  Button,
  CharacterCount,
  Checkboxes,
  ErrorSummary,
  NotificationBanner,
  PasswordInput,
  Radios,
  ServiceNavigation,
  SkipLink,
  Tabs,
  createAll,
} from "govuk-frontend";

for (const component of [
  Button,
  CharacterCount,
  Checkboxes,
  ErrorSummary,
  NotificationBanner,
  PasswordInput,
  Radios,
  ServiceNavigation,
  SkipLink,
  Tabs,
]) {
  createAll(component);
}

for (const button of document.querySelectorAll("[data-lrs-print]")) {
  button.hidden = false;
  button.addEventListener("click", () => window.print());
}

// The end of the session, as the last page told it that was opened in any tab: "1795793118514 2:35pm".
const END = "lrs-session-end";

function learnEnd(page) {
  const found = page.getElementById("time-out");
  if (found) {
    const ends = Date.now() + found.dataset.lrsSeconds * 1000;
    localStorage.setItem(END, `${ends} ${found.querySelector(".lrs-time-out__at").textContent}`);
  }
}

// Before the session ends by itself a dialog says so. When it has ended, the page leads to sign-in and back to itself; a
// form in which something was entered is sent there, marked as not submitted, to be kept.
function warn(dialog) {
  const part = (selector) => dialog.querySelector(selector);
  const say = (selector, isTrue) => {
    const words = isTrue ? part(selector).dataset.lrsWords : "";
    if (part(selector).textContent !== words) {
      part(selector).textContent = words;
    }
  };
  const own = localStorage.getItem(END);
  const stay = part("a");
  let entered = document.querySelector(".govuk-error-summary") && document.querySelector("main form[method=post]");
  let refused = "";

  const leave = () => {
    const { lrsParks, lrsPath } = dialog.dataset;
    if (!entered?.isConnected || !lrsParks || entered.getAttribute("action") !== lrsPath) {
      location.replace(lrsPath);
      return;
    }
    for (const file of entered.querySelectorAll("[type=file]")) {
      file.disabled = true;
    }
    const mark = document.createElement("input");
    Object.assign(mark, { type: "hidden", name: lrsParks, value: "yes" });
    entered.append(mark);
    HTMLFormElement.prototype.submit.call(entered);
  };
  const look = () => {
    const end = localStorage.getItem(END) ?? own;
    const [ends, at] = end.split(" ");
    const left = Math.ceil((ends - Date.now()) / 1000);
    if (left > dialog.dataset.lrsWarned || end === refused) {
      dialog.close();
    } else if (!dialog.open) {
      dialog.showModal();
    }
    if (left <= 0 && navigator.onLine) {
      clearInterval(ticking);
      leave();
    } else if (dialog.open) {
      part(".lrs-time-out__at").textContent = at;
      part(".lrs-time-out__left").textContent = `${Math.floor(left / 60)}:${String(left % 60).padStart(2, "0")}`;
      say("[role=status]", left < 60);
    }
  };
  const extend = async (event) => {
    event.preventDefault();
    try {
      const answer = await fetch(stay.href, { redirect: "error" });
      if (!answer.ok) {
        throw new Error(answer.status);
      }
      learnEnd(new DOMParser().parseFromString(await answer.text(), "text/html"));
      say("[role=alert]", false);
      look();
    } catch {
      say("[role=alert]", true);
    }
  };
  const ticking = setInterval(look, 1000);
  document.addEventListener("input", ({ target }) => {
    entered = target.form ?? entered;
  });
  if (stay) {
    stay.addEventListener("click", extend);
    dialog.addEventListener("cancel", extend);
  } else {
    const close = () => {
      refused = localStorage.getItem(END) ?? own;
      dialog.close();
    };
    part("[type=button]").addEventListener("click", close);
    dialog.addEventListener("cancel", close);
  }
}

learnEnd(document);
for (const dialog of document.querySelectorAll("#time-out")) {
  warn(dialog);
}

// A part of a page that changes by itself: it is fetched again ever more rarely, not in a hidden tab, and not for ever,
// because each request counts as activity of the session. A change of status is announced, and the end loads the page.
const FIRST_SECONDS = 2;
const LAST_SECONDS = 30;
const MOST_TIMES = 40;

function follow(part, announced) {
  let seconds = FIRST_SECONDS;
  let times = 0;
  const again = () => {
    if (times < MOST_TIMES) {
      setTimeout(look, seconds * 1000);
      seconds = Math.min(seconds * 1.5, LAST_SECONDS);
      times += 1;
    }
  };
  const look = async () => {
    if (document.hidden) {
      document.addEventListener("visibilitychange", look, { once: true });
      return;
    }
    let found = null;
    try {
      const answer = await fetch(location.pathname, { redirect: "error" });
      if (answer.ok) {
        const page = new DOMParser().parseFromString(await answer.text(), "text/html");
        learnEnd(page);
        found = page.getElementById(part.id);
      }
    } catch {
      // The link to refresh is there.
    }
    if (found && !found.dataset.lrsFollow) {
      location.reload();
      return;
    }
    if (found && found.textContent !== part.textContent) {
      const before = part.querySelector(".govuk-tag").textContent;
      part.replaceChildren(...found.childNodes);
      const now = part.querySelector(".govuk-tag").textContent;
      if (now !== before) {
        announced.textContent = now;
      }
    }
    again();
  };
  again();
}

for (const part of document.querySelectorAll("[data-lrs-follow=yes]")) {
  const announced = document.createElement("p");
  announced.className = "govuk-visually-hidden";
  announced.setAttribute("role", "status");
  part.after(announced);
  follow(part, announced);
}
