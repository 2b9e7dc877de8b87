import { showAnswer, showClasses, showNothing } from "./answerView.js";
import { Client } from "./client.js";
import { element } from "./element.js";
import { Lesson } from "./lesson.js";
import { Pad } from "./pad.js";
import { toPicture } from "./picture.js";
import { beside, download, forget, recall, remember } from "./store.js";

const client = new Client();
const scans = beside("scans.bin");
const kept = element("kept", HTMLParagraphElement);
const remembers = element("remember", HTMLInputElement);
const penState = element("pen", HTMLOutputElement);

const pad = new Pad(element("pad", HTMLCanvasElement), {
  onChange: () => void look(),
  onPen: (down) => (penState.textContent = down ? "Pen down" : ""),
});
const lesson = new Lesson({ client, pad, onLearned: learned });

let looking = false;
let stale = false;

/** Has the drawing recognised as it now is; while an answer is on its way, only the latest drawing waits. */
async function look(): Promise<void> {
  stale = true;
  if (looking) return;
  looking = true;
  try {
    while (stale) {
      stale = false;
      const picture = pad.strokes.length === 0 ? undefined : toPicture(pad.strokes);
      if (picture === undefined) showNothing();
      else {
        const answer = await client.ask("recognise", { picture });
        // What was cleared meanwhile stays cleared.
        if (pad.strokes.length > 0) showAnswer(picture, answer);
      }
    }
  } catch (error) {
    tell(error);
  } finally {
    looking = false;
  }
}

async function open(bytes: Uint8Array): Promise<void> {
  showClasses(await client.ask("open", { bytes, scans: await scans }));
  await look();
}

async function learned(names: readonly string[]): Promise<void> {
  showClasses(names);
  await look();
  if (remembers.checked) await remember(await client.ask("save", {}));
}

/** Says what was done, or why it was not. */
function tell(what: unknown): void {
  kept.className = what instanceof Error ? "problem" : "";
  kept.textContent = what instanceof Error ? what.message : String(what);
}

/** Makes a click or change do something that takes time. */
function on(id: string, event: string, action: () => Promise<string | void>): void {
  element(id, HTMLElement).addEventListener(event, () => {
    action().then((done) => tell(done ?? ""), tell);
  });
}

matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => {
  lesson.show();
  void look();
});
element("undo", HTMLButtonElement).addEventListener("click", () => pad.undo());
element("clear", HTMLButtonElement).addEventListener("click", () => pad.clear());
on("download", "click", async () => download(await client.ask("save", {})));
on("file", "change", async () => {
  const input = element("file", HTMLInputElement);
  const file = input.files?.[0];
  if (file === undefined) return;
  const bytes = new Uint8Array(await file.arrayBuffer());
  input.value = "";
  await open(bytes);
  if (remembers.checked) await remember(bytes);
  return `Opened ${file.name}.`;
});
on("original", "click", async () => {
  const bytes = await beside("digits.nacre");
  await open(bytes);
  if (remembers.checked) await remember(bytes);
  return "The network is as it came.";
});
on("remember", "change", async () => {
  if (!remembers.checked) {
    await forget();
    return "This browser forgets the network.";
  }
  try {
    await remember(await client.ask("save", {}));
    return "The network will be here when you come back.";
  } catch (error) {
    remembers.checked = false;
    throw error;
  }
});

async function start(): Promise<void> {
  const own = await recall();
  showNothing();
  try {
    await open(own ?? (await beside("digits.nacre")));
    remembers.checked = own !== undefined;
  } catch (error) {
    if (own === undefined) throw error;
    await open(await beside("digits.nacre"));
    throw error;
  } finally {
    document.body.dataset["ready"] = "true";
  }
}

start().catch(tell);
