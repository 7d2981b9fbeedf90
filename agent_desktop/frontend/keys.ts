// The keys of the desk, by place on the keyboard, so that an input method or a layout changes nothing.

export interface KeyActions {
  answer(): void;
  returnOrHangUp(): void;
  hold(): void;
  privacy(): void;
  mute(): void;
  transfer(): void;
  handOver(): void;
  kind(index: number): boolean;
  search(): void;
  sheet(): void;
  save(): void;
  note(): void;
  knowledge(): void;
  planBreak(): void;
  close(): void;
}

function inField(target: EventTarget | null): boolean {
  if (!(target instanceof HTMLElement)) return false;
  if (target instanceof HTMLInputElement) return target.type !== "radio" && target.type !== "checkbox";
  return target instanceof HTMLTextAreaElement || target instanceof HTMLSelectElement || target.isContentEditable;
}

export function bindKeys(actions: KeyActions): void {
  document.addEventListener("keydown", (event) => {
    if (event.isComposing || event.repeat) return;
    if (press(event, actions)) event.preventDefault();
  });
}

/** Whether the key was one of ours. */
function press(event: KeyboardEvent, actions: KeyActions): boolean {
  const { code, altKey: alt, ctrlKey: ctrl, metaKey: meta, shiftKey: shift } = event;
  if (meta) return false;
  const plain = !alt && !ctrl && !shift;
  const run = (action: () => void): true => {
    action();
    return true;
  };
  if (code === "F2" && plain) return run(() => actions.answer());
  if (code === "F2" && shift && !alt && !ctrl) return run(() => actions.returnOrHangUp());
  if (code === "F4" && plain) return run(() => actions.hold());
  if (code === "F7" && plain) return run(() => actions.privacy());
  if (code === "F8" && plain) return run(() => actions.mute());
  if (code === "F9" && plain) return run(() => actions.transfer());
  if (code === "F9" && shift && !alt && !ctrl) return run(() => actions.handOver());
  if ((code === "Enter" || code === "NumpadEnter") && ctrl && !alt && !shift) return run(() => actions.save());
  if (code === "KeyN" && alt && !ctrl) return run(() => actions.note());
  if (code === "KeyK" && alt && !ctrl) return run(() => actions.knowledge());
  if (code === "KeyB" && alt && !ctrl) return run(() => actions.planBreak());
  if (code === "Escape" && plain) return run(() => actions.close());
  if (inField(event.target)) return false;
  const digit = /^(?:Digit|Numpad)([1-7])$/.exec(code)?.[1];
  if (digit && plain) return actions.kind(Number(digit));
  if (event.key === "/" && !alt && !ctrl) return run(() => actions.search());
  if (event.key === "?" && !alt && !ctrl) return run(() => actions.sheet());
  return false;
}
