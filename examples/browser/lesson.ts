import type { Client } from "./client.js";
import { element, made } from "./element.js";
import { type Pad, paintStrokes } from "./pad.js";
import type { Stroke } from "./picture.js";

const DRAWINGS = 10;
/** Dots of the small pictures of the drawings. */
const THUMBNAIL = 96;

interface LessonOptions {
  readonly client: Client;
  readonly pad: Pad;
  /** Called when the network knows a new class, with the names of all classes. */
  readonly onLearned: (names: readonly string[]) => Promise<void>;
}

/** Ten drawings of a shape, and the training that follows. */
export class Lesson {
  readonly #options: LessonOptions;
  readonly #name = element("name", HTMLInputElement);
  readonly #add = element("add", HTMLButtonElement);
  readonly #teach = element("teach", HTMLButtonElement);
  readonly #restart = element("restart", HTMLButtonElement);
  readonly #progress = element("progress", HTMLProgressElement);
  readonly #status = element("lesson", HTMLParagraphElement);
  readonly #list = element("examples", HTMLUListElement);
  #drawings: (readonly Stroke[])[] = [];
  #learning = false;

  constructor(options: LessonOptions) {
    this.#options = options;
    this.#add.addEventListener("click", () => this.#addDrawing());
    this.#restart.addEventListener("click", () => this.#clear());
    this.#teach.addEventListener("click", () => void this.#learn());
    this.show();
  }

  #addDrawing(): void {
    const { pad } = this.#options;
    if (pad.strokes.length === 0) return this.#say("Draw the shape in the field first.");
    this.#drawings.push(pad.strokes.map((stroke) => [...stroke]));
    pad.clear();
    const left = DRAWINGS - this.#drawings.length;
    this.#say(left > 0 ? `${left} more to draw.` : "That is all it needs: press Learn.");
    this.show();
    // On a phone the lesson lies far below the field.
    if (left === 0) this.#teach.focus();
  }

  #clear(): void {
    this.#drawings = [];
    this.#say("");
    this.show();
  }

  async #learn(): Promise<void> {
    const name = this.#name.value.trim();
    if (name === "") {
      this.#name.focus();
      return this.#say("Give the shape a name first.");
    }
    const { client, pad, onLearned } = this.#options;
    this.#learning = true;
    this.#progress.value = 0;
    this.#say("Learning…");
    this.show();
    try {
      const names = await client.ask("teach", { name, drawings: this.#drawings }, (share) => (this.#progress.value = share));
      await onLearned(names);
      this.#say(`It knows “${name}” now. Draw one!`);
      pad.focus();
    } catch (error) {
      this.#say(error instanceof Error ? error.message : String(error));
    } finally {
      this.#learning = false;
      this.show();
    }
  }

  #say(text: string): void {
    this.#status.textContent = text;
  }

  /** Shows the drawings and what can be done, in the colours that the page has now. */
  show(): void {
    const count = this.#drawings.length;
    this.#add.disabled = this.#learning || count >= DRAWINGS;
    this.#add.textContent = count < DRAWINGS ? `Add example ${count + 1} of ${DRAWINGS}` : "All examples drawn";
    this.#teach.disabled = this.#learning || count < DRAWINGS;
    this.#restart.disabled = this.#learning || count === 0;
    this.#progress.hidden = !this.#learning;
    this.#list.replaceChildren(...Array.from({ length: DRAWINGS }, (_, i) => thumbnail(i, this.#drawings[i])));
  }
}

function thumbnail(i: number, strokes: readonly Stroke[] | undefined): HTMLLIElement {
  const item = made("li", strokes === undefined ? "" : "full");
  item.ariaLabel = `Drawing ${i + 1}${strokes === undefined ? ", empty" : ""}`;
  if (strokes === undefined) return item;
  const canvas = made("canvas");
  canvas.width = canvas.height = THUMBNAIL;
  const color = getComputedStyle(document.body).color;
  paintStrokes(canvas.getContext("2d")!, strokes, THUMBNAIL, color);
  item.append(canvas);
  return item;
}
