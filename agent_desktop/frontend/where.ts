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
