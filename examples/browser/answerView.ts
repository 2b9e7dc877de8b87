import { element, made } from "./element.js";
import { SIDE } from "./picture.js";
import type { Answer } from "./protocol.js";

/** Below this probability an answer is a guess, and above it another one is worth a word. */
const [SURE, WORTH_A_WORD] = [0.8, 0.1];

/** A pause after which a screen reader is told the answer; in the middle of a line it would only disturb. */
const SPEAK_AFTER_MS = 600;

const verdict = element("verdict", HTMLParagraphElement);
const bars = element("bars", HTMLOListElement);
const doubt = element("doubt", HTMLParagraphElement);
const spoken = element("spoken", HTMLParagraphElement);
const seen = element("seen", HTMLCanvasElement);
const counts = element("evidence", HTMLCanvasElement);
const nearest = element("nearest", HTMLDivElement);
let timer: ReturnType<typeof setTimeout> | undefined;

/** Makes a bar for each class. */
export function showClasses(names: readonly string[]): void {
  bars.replaceChildren(
    ...names.map((name) => {
      const row = made("li");
      const bar = made("span", "bar");
      bar.ariaHidden = "true";
      bar.append(made("span"));
      row.append(made("span", "name", name), bar, made("span", "share", "–"));
      return row;
    }),
  );
}

/** What stands there before anything is drawn. */
export function showNothing(): void {
  verdict.textContent = "Draw a digit, and see what the network makes of it.";
  doubt.textContent = "Draw something, and the reasons appear here.";
  for (const row of bars.children) fillBar(row, undefined, false);
  for (const canvas of [seen, counts]) {
    canvas.ariaLabel = "Nothing drawn yet";
    canvas.getContext("2d")!.clearRect(0, 0, SIDE, SIDE);
  }
  nearest.replaceChildren();
  speak("");
}

/** Shows the probabilities, the picture and the reasons. */
export function showAnswer(picture: Float32Array, { names, probabilities, evidence, nearest: scans }: Answer): void {
  const order = [...probabilities.keys()].sort((a, b) => probabilities[b]! - probabilities[a]!);
  const [top, second] = [order[0]!, order[1]!];
  const [name, share] = [names[top]!, percent(probabilities[top]!)];
  const words = `${share} sure${probabilities[top]! < SURE ? ": a guess" : ""}`;
  verdict.replaceChildren(made("strong", "", name), made("span", "", words));
  [...bars.children].forEach((row, i) => fillBar(row, probabilities[i]!, i === top));

  const similar = names[scans[0]!.label]!;
  const reasons: string[] = [];
  if (probabilities[second]! > WORTH_A_WORD) reasons.push(`It wavers between ${name} and ${names[second]} (${percent(probabilities[second]!)}).`);
  if (similar === name) reasons.push(`The most similar scan is ${article(similar)} too.`);
  else if (top >= 10) reasons.push(`It takes it for your ${name}; of the digits, ${article(similar)} comes nearest.`);
  else reasons.push(`It may be wrong: the most similar scan is ${article(similar)}.`);
  doubt.textContent = reasons.join(" ");

  paintInk(seen, picture);
  seen.ariaLabel = "Your drawing as the network saw it, in 8 by 8 pixels";
  paintEvidence(picture, evidence);
  counts.ariaLabel = `The pixels that speak for ${name}, and those that speak against it`;
  nearest.replaceChildren(...scans.map(({ label }) => scanCell(label)));
  // Only what is part of the page has its colours.
  nearest.querySelectorAll("canvas").forEach((canvas, i) => paintInk(canvas, scans[i]!.picture));
  speak(`${name}, ${share} sure. ${doubt.textContent}`);
}

function scanCell(label: number): HTMLElement {
  const [cell, canvas] = [made("div"), made("canvas")];
  canvas.width = canvas.height = SIDE;
  canvas.role = "img";
  canvas.ariaLabel = `Scan of ${article(String(label))}`;
  cell.append(canvas, made("div", "", String(label)));
  return cell;
}

function paintInk(canvas: HTMLCanvasElement, picture: Float32Array): void {
  paintPixels(canvas, (i) => [inkOf(canvas), picture[i]!]);
}

function paintEvidence(picture: Float32Array, evidence: Float32Array): void {
  const most = Math.max(...evidence.map(Math.abs), 1e-6);
  const [supports, against] = [".for", ".against"].map((name) => getComputedStyle(document.querySelector(name)!).color);
  const ink = inkOf(counts);
  paintPixels(counts, (i) => [ink, picture[i]! * 0.2]);
  paintPixels(counts, (i) => [evidence[i]! > 0 ? supports! : against!, Math.abs(evidence[i]!) / most], false);
}

function paintPixels(canvas: HTMLCanvasElement, pixel: (i: number) => readonly [color: string, share: number], anew = true): void {
  const paper = canvas.getContext("2d")!;
  if (anew) paper.clearRect(0, 0, SIDE, SIDE);
  for (let i = 0; i < SIDE * SIDE; i++) {
    [paper.fillStyle, paper.globalAlpha] = pixel(i);
    paper.fillRect(i % SIDE, Math.floor(i / SIDE), 1, 1);
  }
}

function inkOf(canvas: HTMLCanvasElement): string {
  return getComputedStyle(canvas).color;
}

function fillBar(row: Element, probability: number | undefined, top: boolean): void {
  row.className = top ? "top" : "";
  row.querySelector<HTMLElement>(".bar span")!.style.transform = `scaleX(${probability ?? 0})`;
  row.querySelector(".share")!.textContent = probability === undefined ? "–" : percent(probability);
}

function speak(text: string): void {
  clearTimeout(timer);
  timer = setTimeout(() => (spoken.textContent = text), SPEAK_AFTER_MS);
}

function percent(share: number): string {
  // 100 % would claim more than a network can know.
  return share > 0.995 ? "> 99 %" : `${Math.round(share * 100)} %`;
}

function article(name: string): string {
  return `${name.startsWith("8") ? "an" : "a"} ${name}`;
}
