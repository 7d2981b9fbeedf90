// Marking the caller's number as a nuisance, and taking the own mark back, in the call.
import { ask, attempt } from "./site";

function post(element: HTMLElement, act: string, entries: object): Promise<boolean> {
  const contact = encodeURIComponent(element.dataset["contact"] ?? "");
  return attempt(() => ask("POST", `/api/record/${contact}/${act}`, entries));
}

// The control stands at the end of its column: what it opens is brought into sight.
document.addEventListener("toggle", (event) => {
  if (event.target instanceof HTMLDetailsElement && event.target.open && event.target.closest(".nuisance")) event.target.scrollIntoView({ block: "nearest" });
}, true);

/** The desk's buttons by their `data-do` word; the site draws the column anew. */
export const nuisanceActions: Record<string, (element: HTMLElement) => unknown> = {
  "nuisance-mark": (element) => post(element, "nuisance", { reason: element.dataset["reason"] ?? "" }),
  "nuisance-undo": (element) => post(element, "nuisance/undo", { mark: Number(element.dataset["mark"]) }),
};
