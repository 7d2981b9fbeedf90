// What the buttons of a call with several parties ask of the site.
import { say } from "./page";
import { ask, attempt, toast, words } from "./site";

type Action = (element: HTMLElement) => unknown;

/** Pauses the recording of the talk, or ends its pause, as the call bar shows it; nothing where it has no such key. */
export function privacy(): unknown {
  const button = document.querySelector<HTMLElement>('#callbar [data-do="privacy"]');
  return button ? post("recording", { paused: !button.classList.contains("lit"), why: "button" }) : undefined;
}

const post = (way: string, entries: object = {}) => attempt(() => ask("POST", `/api/call/${way}`, entries));

/** `done` closes the panel that the last three may be in. */
export function callActions(done: () => void): Record<string, Action> {
  return {
    privacy: () => privacy(),
    back: () => post("back"),
    conference: () => post("conference"),
    leave: () => post("leave"),
    "drop-party": () => post("drop-party"),
    "pick-up": (element) => post("pick-up", { slot: element.dataset["slot"] }),
    "drop-message": async (element) => {
      if (await post("drop-message", { message: element.dataset["message"] })) done();
    },
    park: () => attempt(async () => {
      const { slot } = await ask<{ slot: string }>("POST", "/api/call/park");
      done();
      toast(say(words, "parked", { slot }));
    }),
  };
}
