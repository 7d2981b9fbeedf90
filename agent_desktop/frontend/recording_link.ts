// The link to a recording's sound: it lives a minute, and a minute longer each time the open page says that it is still here.
import { csrfToken } from "./page";

const RENEW = 40_000; // ms; well before the 60 s are over

export class Link {
  private token = "";
  private renewed = 0;
  private renewing: Promise<void> | null = null;

  constructor(private readonly recording: string) {}

  /** The address of the sound; the server writes the listening into the audit log before it answers. Throws a sentence. */
  async open(): Promise<string> {
    const answer = await this.post("listen");
    const { url } = (await answer.json()) as { url: string };
    this.token = url.slice(url.lastIndexOf("/") + 1);
    this.renewed = Date.now();
    return url;
  }

  get old(): boolean {
    return Boolean(this.token) && Date.now() - this.renewed > RENEW;
  }

  /** After this the same address works for another minute. Throws when the listening is over, e.g. signed out. */
  keepAlive(): Promise<void> {
    this.renewing ??= this.post("alive", new URLSearchParams({ token: this.token }))
      .then(() => void (this.renewed = Date.now()))
      .finally(() => (this.renewing = null));
    return this.renewing;
  }

  private async post(what: string, body?: URLSearchParams): Promise<Response> {
    const headers = { accept: "application/json", "X-CSRF-Token": csrfToken() };
    const answer = await fetch(`/recordings/${this.recording}/${what}`, { method: "POST", headers, ...(body ? { body } : {}) });
    if (!answer.ok) throw new Error(((await answer.json().catch(() => ({}))) as { message?: string }).message ?? "");
    return answer;
  }
}
