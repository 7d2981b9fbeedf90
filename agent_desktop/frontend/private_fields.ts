// Fields marked data-private: while one has the cursor, the agent's talk is not recorded.
import { ask, attempt } from "./site";

let within = false;
let last: Promise<unknown> = Promise.resolve();

/** In turn, so that a field that is left at once never ends up paused. */
function tell(paused: boolean): void {
  if (within === paused) return;
  within = paused;
  last = last.then(() => attempt(() => ask("POST", "/api/call/recording", { paused, why: "field" })));
}

const isPrivate = (target: EventTarget | null): boolean => target instanceof Element && target.matches("[data-private]");

/** A field that vanishes with the cursor in it tells nothing: the pause's own limit ends it, or the next field. */
export function watchPrivateFields(): void {
  document.addEventListener("focusin", (event) => tell(isPrivate(event.target)));
  document.addEventListener("focusout", (event) => { if (isPrivate(event.target) && !isPrivate(event.relatedTarget)) tell(false); });
  window.addEventListener("pagehide", () => tell(false));
}
