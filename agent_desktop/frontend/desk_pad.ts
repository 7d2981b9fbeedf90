// The dial pad: a number to dial while there is no call, keys to the other side while there is one.
import { say } from "./page";
import { ask, attempt, Refusal, words } from "./site";

export class Dialpad {
  private readonly panel = document.getElementById("dialpad") as HTMLElement;

  /** `sendKey` sends one key by the phone of this browser. */
  constructor(private readonly sendKey: (key: string) => void) {}

  show(keypad: boolean): void {
    this.panel.hidden = false;
    this.panel.dataset["keypad"] = String(keypad);
    (document.getElementById("dialpad-title") as HTMLElement).textContent = say(words, keypad ? "keypad" : "dial");
    this.field.value = "";
    this.field.focus();
  }

  hide(): void {
    this.panel.hidden = true;
  }

  async dial(): Promise<void> {
    if (this.keypad) return;
    const error = document.getElementById("e-dial") as HTMLElement;
    error.textContent = "";
    try {
      await ask("POST", "/api/call/dial", { number: this.field.value });
      this.hide();
      this.field.value = "";
    } catch (refused) {
      error.textContent = refused instanceof Refusal ? refused.message : String(refused);
      this.field.focus();
    }
  }

  press(key: string): void {
    this.field.value += key;
    if (this.keypad) this.send(key);
  }

  /** Keys typed into the field of the key pad go to the other side as they are typed. */
  typed(event: InputEvent): void {
    if (!this.keypad || event.target !== this.field || event.inputType !== "insertText") return;
    for (const key of event.data ?? "") if (/[0-9*#]/.test(key)) this.send(key);
  }

  private send(key: string): void {
    if (document.body.dataset["phone"] === "fixed") void attempt(() => ask("POST", "/api/call/digits", { digits: key }));
    else this.sendKey(key);
  }

  private get keypad(): boolean {
    return this.panel.dataset["keypad"] === "true";
  }

  private get field(): HTMLInputElement {
    return document.querySelector("#dial-form input") as HTMLInputElement;
  }
}
