import type { Point, Stroke } from "./picture.js";

/** Steps of the keyboard's cursor across the field. */
const STEPS = 16;

/** Of the pen, as a share of the field. */
const PEN = 0.07;

const MOVES: Readonly<Record<string, Point>> = {
  ArrowLeft: { x: -1, y: 0 },
  ArrowRight: { x: 1, y: 0 },
  ArrowUp: { x: 0, y: -1 },
  ArrowDown: { x: 0, y: 1 },
};

/** The field to draw on, with mouse, finger, pen or keyboard. */
export class Pad {
  readonly #canvas: HTMLCanvasElement;
  readonly #onChange: () => void;
  readonly #onPen: (down: boolean) => void;
  #strokes: Point[][] = [];
  #cursor: Point = { x: STEPS / 2, y: STEPS / 2 };
  #pointer: number | undefined;
  /** Whether the keyboard's pen is on the paper. */
  #penDown = false;
  /** Whether the keyboard was used last, so that its cursor shows. */
  #byKeyboard = false;

  constructor(canvas: HTMLCanvasElement, { onChange, onPen }: { onChange: () => void; onPen: (down: boolean) => void }) {
    this.#canvas = canvas;
    this.#onChange = onChange;
    this.#onPen = onPen;
    canvas.addEventListener("pointerdown", (event) => this.#begin(event));
    canvas.addEventListener("pointermove", (event) => this.#draw(event));
    for (const name of ["pointerup", "pointercancel"] as const) {
      canvas.addEventListener(name, ({ pointerId }) => {
        if (pointerId === this.#pointer) this.#pointer = undefined;
      });
    }
    canvas.addEventListener("keydown", (event) => this.#press(event));
    canvas.addEventListener("focus", () => this.#paint());
    canvas.addEventListener("blur", () => this.#lift());
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => this.#paint());
    new ResizeObserver(() => this.#paint()).observe(canvas);
  }

  get strokes(): readonly Stroke[] {
    return this.#strokes;
  }

  focus(): void {
    this.#canvas.focus();
  }

  clear(): void {
    this.#strokes = [];
    this.#lift();
    this.#changed();
  }

  undo(): void {
    this.#strokes.pop();
    this.#lift();
    this.#changed();
  }

  #begin(event: PointerEvent): void {
    if (this.#pointer !== undefined || event.button !== 0) return;
    this.#pointer = event.pointerId;
    this.#canvas.setPointerCapture(event.pointerId);
    this.#byKeyboard = false;
    this.#lift();
    this.#strokes.push([this.#place(event)]);
    this.#changed();
  }

  #draw(event: PointerEvent): void {
    if (event.pointerId !== this.#pointer) return;
    const line = this.#strokes.at(-1);
    // Browsers put the moves between two frames into one event.
    for (const move of event.getCoalescedEvents?.() ?? []) line?.push(this.#place(move));
    line?.push(this.#place(event));
    this.#changed();
  }

  #place({ clientX, clientY }: PointerEvent): Point {
    const { left, top, width, height } = this.#canvas.getBoundingClientRect();
    const within = (share: number): number => Math.min(1, Math.max(0, share));
    return { x: within((clientX - left) / width), y: within((clientY - top) / height) };
  }

  #press(event: KeyboardEvent): void {
    const undoes = (event.ctrlKey || event.metaKey) && event.key === "z";
    if (!undoes && (event.ctrlKey || event.metaKey || event.altKey)) return;
    const move = MOVES[event.key];
    if (undoes) this.undo();
    else if (move !== undefined) this.#step(move);
    else if (event.key === " ") this.#togglePen(event.repeat);
    else if (event.key === "Delete" || event.key === "Backspace") this.clear();
    else if (event.key === "Escape") this.#lift();
    else return;
    event.preventDefault();
    this.#byKeyboard = true;
    this.#paint();
  }

  #step({ x, y }: Point): void {
    const within = (step: number): number => Math.min(STEPS - 1, Math.max(1, step));
    this.#cursor = { x: within(this.#cursor.x + x), y: within(this.#cursor.y + y) };
    if (!this.#penDown) return;
    this.#strokes.at(-1)?.push(this.#cursorPlace());
    this.#changed();
  }

  #togglePen(repeated: boolean): void {
    if (repeated) return;
    if (this.#penDown) return this.#lift();
    this.#penDown = true;
    this.#strokes.push([this.#cursorPlace()]);
    this.#onPen(true);
    this.#changed();
  }

  #lift(): void {
    if (this.#penDown) this.#onPen(false);
    this.#penDown = false;
    this.#paint();
  }

  #cursorPlace(): Point {
    return { x: this.#cursor.x / STEPS, y: this.#cursor.y / STEPS };
  }

  #changed(): void {
    this.#paint();
    this.#onChange();
  }

  #paint(): void {
    const size = Math.round(this.#canvas.clientWidth * devicePixelRatio);
    if (size === 0) return;
    if (this.#canvas.width !== size) this.#canvas.width = this.#canvas.height = size;
    const paper = this.#canvas.getContext("2d")!;
    const { color, accentColor } = getComputedStyle(this.#canvas);
    paper.clearRect(0, 0, size, size);
    paintStrokes(paper, this.#strokes, size, color);
    if (!this.#byKeyboard || document.activeElement !== this.#canvas) return;
    const { x, y } = this.#cursorPlace();
    paper.strokeStyle = paper.fillStyle = accentColor;
    paper.lineWidth = size / 120;
    paper.beginPath();
    paper.arc(x * size, y * size, (PEN / 2) * size * 1.3, 0, 2 * Math.PI);
    if (this.#penDown) paper.fill();
    else paper.stroke();
  }
}

/** Draws strokes on a square of so many dots. */
export function paintStrokes(paper: CanvasRenderingContext2D, strokes: readonly Stroke[], size: number, color: string): void {
  paper.strokeStyle = paper.fillStyle = color;
  paper.lineWidth = PEN * size;
  paper.lineCap = paper.lineJoin = "round";
  for (const stroke of strokes) {
    const start = stroke[0]!;
    paper.beginPath();
    // A stroke that goes nowhere is a dot, which a line would not show.
    paper.arc(start.x * size, start.y * size, paper.lineWidth / 2, 0, 2 * Math.PI);
    paper.fill();
    paper.beginPath();
    for (const { x, y } of stroke) paper.lineTo(x * size, y * size);
    paper.stroke();
  }
}
