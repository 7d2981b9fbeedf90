// One voice message: C calls back at once, T takes it, Ctrl+Enter finishes it.
import { callBack } from "./call_back";

const typing = (target: EventTarget | null) => target instanceof HTMLElement && target.matches("input:not([type=radio]), select, textarea");
const form = (act: string) => document.querySelector<HTMLFormElement>(`form[action$="/${act}"]`);

document.querySelector("[data-call-back]")?.addEventListener("click", () => callBack(document));
document.addEventListener("keydown", (event) => {
  if (event.isComposing || event.metaKey || event.altKey) return;
  if (event.ctrlKey && event.code === "Enter") form("done")?.requestSubmit();
  else if (event.ctrlKey || typing(event.target)) return;
  else if (event.code === "KeyC") callBack(document);
  else if (event.code === "KeyT") form("take")?.requestSubmit();
});
