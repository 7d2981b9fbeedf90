// Click to dial on pages without a call bar: the desk in another tab rings, or this tab goes to the desk.
import { DialLine, onScreen } from "./desk_dial";
import { phoneHeld } from "./tab_lock";

const line = new DialLine((dialled) => dialled.sayElsewhere());

async function confirmed(): Promise<void> {
  if (await phoneHeld()) return line.dial();
  line.keep();
  location.assign("/desk");
}

document.addEventListener("click", (event) => {
  const element = event.target instanceof Element ? event.target.closest<HTMLElement>("[data-do]") : null;
  if (element?.dataset["do"] === "dial") {
    event.stopPropagation();
    line.show(onScreen(element));
  } else if (element?.dataset["do"] === "dial-yes") void confirmed();
  else if (element?.dataset["do"] === "dial-no") line.hide();
}, true);
