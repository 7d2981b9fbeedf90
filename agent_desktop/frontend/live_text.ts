// The words of a talk while they are said: lines that grow at the end, never under a reader who has scrolled up.
import { duration, say, setText } from "./page";
import { words } from "./site";

interface Line {
  number: number;
  side: "customer" | "agent";
  at: number;
  words: string;
  over: boolean;
  cut: boolean;
  marks: [number, number, string][]; // words of topics: from, to, whose
}

export interface TextPush {
  call: string;
  leg: string;
  state: string;
  note: string;
  lines: Line[];
  articles: string | null;
}

const FIRST_RETRY_MS = 500;
const LONGEST_RETRY_MS = 8000;
const NEAR_END = 48; // px: who is so near the end reads along

/** Follows `path` until `stop`; each push is given on as it comes. */
export class TextSocket {
  private socket: WebSocket | null = null;
  private timer = 0;

  constructor(private readonly path: string, private readonly onPush: (push: TextPush) => void, private readonly onCut: () => void) {
    this.connect(FIRST_RETRY_MS);
  }

  stop(): void {
    window.clearTimeout(this.timer);
    const socket = this.socket;
    this.socket = null;
    socket?.close();
  }

  private connect(retry: number): void {
    const socket = new WebSocket(`${location.protocol === "https:" ? "wss" : "ws"}://${location.host}${this.path}`);
    this.socket = socket;
    socket.onmessage = (message: MessageEvent<string>) => {
      retry = FIRST_RETRY_MS;
      this.onPush(JSON.parse(message.data) as TextPush);
    };
    socket.onclose = () => {
      if (this.socket !== socket) return;
      this.onCut();
      this.timer = window.setTimeout(() => this.connect(Math.min(2 * retry, LONGEST_RETRY_MS)), retry);
    };
  }
}

/** Draws into an element with the parts "note" and "lines". */
export class TextLines {
  constructor(private readonly place: HTMLElement) {}

  clear(): void {
    this.part("lines").replaceChildren();
    this.note("");
  }

  note(text: string): void {
    const note = this.part("note");
    setText(note, text);
    note.hidden = text === "";
  }

  draw(lines: Line[]): void {
    const list = this.part("lines");
    const follows = list.scrollHeight - list.scrollTop - list.clientHeight < NEAR_END;
    for (const line of lines) this.put(list, line);
    if (follows) list.scrollTop = list.scrollHeight;
  }

  private put(list: HTMLElement, line: Line): void {
    const id = String(line.number);
    let item = list.querySelector<HTMLElement>(`:scope > [data-number="${id}"]`);
    if (!item) {
      item = document.createElement("li");
      item.dataset["number"] = id;
      item.dataset["side"] = line.side;
      const time = document.createElement("time");
      time.textContent = duration(line.at);
      const who = document.createElement("span");
      who.className = "vh";
      who.textContent = `${say(words, `side_${line.side}`)} `;
      item.append(time, who, document.createElement("p"));
      const later = [...list.children].find((one) => one instanceof HTMLElement && Number(one.dataset["number"]) > line.number);
      list.insertBefore(item, later ?? null);
    }
    item.dataset["over"] = String(line.over);
    const text = item.querySelector("p") as HTMLElement;
    const rest = line.cut ? ` … (${say(words, "line_cut")})` : "";
    if (line.marks.length) text.replaceChildren(...marked(line), rest);
    else setText(text, line.words + rest);
  }

  private part(name: string): HTMLElement {
    return this.place.querySelector(`[data-part="${name}"]`) as HTMLElement;
  }
}

/** The words with those of topics marked; `text` of a mark is what was said, never HTML. */
function marked(line: Line): Node[] {
  const told: Node[] = [];
  let done = 0;
  for (const [begin, end, topic] of line.marks) {
    const mark = document.createElement("mark");
    mark.title = topic;
    mark.textContent = line.words.slice(begin, end);
    told.push(document.createTextNode(line.words.slice(done, begin)), mark);
    done = end;
  }
  return [...told, document.createTextNode(line.words.slice(done))];
}
