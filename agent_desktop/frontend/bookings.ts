// A place in a workshop, in place: at the desk beside the record, and on its own page. Every change draws the panel anew.
import { announce, csrfToken } from "./page";
import { toast } from "./site";

document.documentElement.classList.add("js");
let latest = 0;

function panel(): HTMLElement | null {
  return document.getElementById("booking-panel");
}

async function draw(path: string, init: RequestInit = {}): Promise<void> {
  const mine = ++latest;
  const answer = await fetch(path, { ...init, cache: "no-store", headers: { "HX-Request": "true", "X-CSRF-Token": csrfToken() } }).catch(() => null);
  const place = panel();
  if (!place || mine !== latest) return;
  const html = (await answer?.text()) ?? "";
  if (!answer || answer.headers.has("HX-Retarget") || !html.includes("data-booking")) {
    toast(new DOMParser().parseFromString(html, "text/html").body.textContent?.trim() ?? "");
    return;
  }
  const focused = document.activeElement instanceof HTMLElement ? document.activeElement.getAttribute("name") : null;
  place.innerHTML = html;
  place.hidden = false;
  place.scrollIntoView({ block: "nearest" });
  const told = place.querySelector<HTMLElement>(".booked, .form-error, .field-error:not(:empty)");
  if (told) announce(told.innerText);
  (focused ? place.querySelector<HTMLElement>(`.choose [name="${focused}"]`) : null)?.focus();
  if (!focused) place.querySelector<HTMLElement>(".slots input:not(:disabled), select")?.focus();
}

document.addEventListener("click", (event) => {
  const target = event.target instanceof Element ? event.target : null;
  const button = target?.closest<HTMLElement>("[data-booking]");
  if (button?.dataset["booking"] === "open") {
    const vehicle = document.querySelector<HTMLSelectElement>("#record-form [name=vehicle_id]")?.value ?? "";
    const place = panel();
    const asked = { customer: place?.dataset["customer"] ?? "", vehicle, dealer: button.dataset["dealer"] ?? "0" };
    if (place) void draw(`/bookings?${new URLSearchParams(asked)}`);
  } else if (button?.dataset["booking"] === "close") {
    const place = panel();
    if (place) place.hidden = true;
    document.querySelector<HTMLElement>("#record-form textarea[name=note]")?.focus({ preventScroll: true });
  }
  const link = target?.closest<HTMLAnchorElement>("a[data-booking-link]");
  if (!link || event.ctrlKey || event.metaKey || event.shiftKey || event.button !== 0) return;
  event.preventDefault();
  void draw(link.href);
});
document.addEventListener("change", (event) => {
  const form = event.target instanceof HTMLElement ? event.target.closest<HTMLFormElement>("form[data-booking-ask]") : null;
  form?.requestSubmit();
});
document.addEventListener("submit", (event) => {
  const form = event.target instanceof HTMLFormElement ? event.target : null;
  if (!form?.matches("[data-booking-ask], [data-booking-form]")) return;
  event.preventDefault();
  const typed = new URLSearchParams([...new FormData(form)].filter((pair): pair is [string, string] => typeof pair[1] === "string"));
  if (form.matches("[data-booking-ask]")) void draw(`/bookings?${typed}`);
  else void draw(form.getAttribute("action") ?? "", { method: "POST", body: typed });
});
// Before the desk's own keys: here Ctrl+Enter books, it does not save the record.
document.addEventListener("keydown", (event) => {
  const form = event.target instanceof HTMLElement ? event.target.closest<HTMLFormElement>("form.times") : null;
  if (!form || !event.ctrlKey || !/^(Numpad)?Enter$/.test(event.code) || event.isComposing) return;
  event.preventDefault();
  event.stopImmediatePropagation();
  form.requestSubmit();
}, true);
