// The caller's phone finds its position when the caller presses the button, and sends it with the form.
const byId = <T extends HTMLElement>(id: string) => document.getElementById(id) as T;
const form = byId<HTMLFormElement>("place");
const button = byId<HTMLButtonElement>("share");
const words = JSON.parse(byId("words-of-page").textContent ?? "{}") as Record<string, string>;

function say(word: string): void {
  const state = byId("state");
  state.hidden = false;
  state.textContent = words[word] ?? word;
}

function put(name: string, value: number): void {
  (form.elements.namedItem(name) as HTMLInputElement).value = String(value);
}

function found(position: GeolocationPosition): void {
  put("latitude", position.coords.latitude);
  put("longitude", position.coords.longitude);
  put("accuracy", position.coords.accuracy);
  form.submit();
}

function failed(error: GeolocationPositionError): void {
  button.disabled = false;
  say(error.code === error.PERMISSION_DENIED ? "refused" : "none");
  byId("words").focus();
}

if ("geolocation" in navigator && window.isSecureContext) {
  button.hidden = false;
  button.addEventListener("click", () => {
    button.disabled = true;
    say("asking");
    navigator.geolocation.getCurrentPosition(found, failed, { enableHighAccuracy: true, timeout: 20_000, maximumAge: 0 });
  });
}

// Three hundred cities are found by a few signs: those that do not fit leave the list, a single one is chosen.
const find = byId<HTMLInputElement>("find-city");
const city = byId<HTMLSelectElement>("city");
const whole = city.cloneNode(true) as HTMLSelectElement;

function narrow(): void {
  const wanted = find.value.trim().toLowerCase().replaceAll(" ", "");
  const kept = city.value;
  const fresh = whole.cloneNode(true) as HTMLSelectElement;
  fresh.querySelectorAll<HTMLOptionElement>("option[data-find]").forEach((option) => {
    if (!(option.dataset.find ?? "").replaceAll(" ", "").includes(wanted)) option.remove();
  });
  fresh.querySelectorAll("optgroup:not(:has(option))").forEach((group) => group.remove());
  city.replaceChildren(...fresh.childNodes);
  const left = city.querySelectorAll<HTMLOptionElement>("option[data-find]");
  city.value = [...left].some((option) => option.value === kept) ? kept : wanted && left.length ? left[0]!.value : "";
  if (wanted && !left.length) say("nothing");
  else byId("state").hidden = true;
}

byId("find").hidden = false;
find.addEventListener("input", (event) => {
  if (!(event as InputEvent).isComposing) narrow();
});
find.addEventListener("compositionend", narrow);
find.addEventListener("keydown", (event) => {
  if (event.key !== "Enter") return;
  event.preventDefault(); // it would send the form
  city.focus();
});
