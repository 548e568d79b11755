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
        found = new DOMParser().parseFromString(await answer.text(), "text/html").getElementById(part.id);
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
