import { describe, expect, test } from "vitest";
import { calibration } from "../calibration.js";
import { classificationReport } from "../classificationReport.js";
import { html } from "./html.js";
import { type HtmlReportInput, htmlReport } from "./htmlReport.js";
import { duration, pValueText, percent, significant } from "./numbers.js";

const classNames = ["cat", "dog", "<axolotl> & 'co'"];
const labels = [0, 0, 1, 1, 2, 2, 2, 0];
const probabilities = [
  [0.9, 0.05, 0.05], [0.2, 0.7, 0.1], [0.1, 0.8, 0.1], [0.3, 0.6, 0.1],
  [0.1, 0.1, 0.8], [0.05, 0.9, 0.05], [0.2, 0.2, 0.6], [0.8, 0.1, 0.1],
];
const evaluation = classificationReport({ labels, probabilities, classNames });

const evil = `<img src=x onerror="alert('1')">&`;

const full: HtmlReportInput = {
  title: evil,
  subtitle: evil,
  evaluation,
  baselines: [{ name: evil, accuracy: 0.375, pValue: 0.25 }, { name: "other", accuracy: 0.25 }],
  parameters: 12345,
  trainingSeconds: 75,
  seed: 7,
  curves: { loss: [1, 0.5, NaN, 0.2], valLoss: [1.1, 0.6, 0.7, 0.8], accuracy: [0.5, 0.6, 0.7, 0.9], valAccuracy: [0.5, 0.6, 0.6, 0.6] },
  calibration: calibration({ labels, probabilities, classes: 3 }),
  pictures: [{ width: 2, height: 1, channels: 1, pixels: [0, 1], row: 5, label: 2, predicted: 1, probability: 0.9 }],
  audit: [{ label: evil, value: evil, mark: "warning" }],
  model: { columns: [evil, "Output"], rows: [[evil, 3]] },
  environment: [{ label: evil, value: evil }],
  command: `nacre train ${evil}`,
};
const page = htmlReport(full);

/** Element names that never close. */
const VOID = ["meta", "img", "!doctype"];

/** Opening tags in order; fails where tags do not nest. */
function tagsOf(source: string): { name: string; attributes: string }[] {
  const open: string[] = [];
  const tags: { name: string; attributes: string }[] = [];
  for (const [, slash, name, attributes, closed] of source.matchAll(/<(\/?)([a-z!][a-z0-9]*)([^<>]*?)(\/?)>/gi)) {
    if (slash === "/") {
      expect(open.pop(), `before </${name!}>`).toBe(name);
      continue;
    }
    tags.push({ name: name!, attributes: attributes! });
    if (closed === "" && !VOID.includes(name!)) open.push(name!);
  }
  expect(open).toEqual([]);
  return tags;
}

describe("the page", () => {
  const bare = page.replace(/<style>[\s\S]*<\/style>/, "");
  const tags = () => tagsOf(bare);

  test("every angle bracket belongs to a tag, tags nest, and ids are used once", () => {
    expect(tags().length).toBeGreaterThan(100);
    expect(bare.match(/</g)!.length).toBe(bare.match(/<\/?[a-z!][^<>]*>/gi)!.length);
    const ids = tags().flatMap(({ attributes }) => / id="([^"]*)"/.exec(attributes)?.[1] ?? []);
    expect(new Set(ids).size).toBe(ids.length);
    for (const [, id] of bare.matchAll(/aria-labelledby="([^"]*)"/g)) expect(ids).toContain(id);
  });

  test("text from outside is escaped everywhere", () => {
    expect(page).not.toContain("<img src=x");
    expect(page).not.toContain("<axolotl>");
    expect(page.split("&lt;img src=x onerror=&quot;alert(&#39;1&#39;)&quot;&gt;&amp;").length - 1).toBeGreaterThanOrEqual(10);
  });

  test("nothing is fetched and nothing runs", () => {
    expect(tags().map(({ name }) => name)).not.toContain("script");
    expect(page).toContain("default-src 'none'".replaceAll("'", "&#39;"));
    expect(page).not.toMatch(/https?:|url\(|@import|<link/);
    for (const [, source] of page.matchAll(/ src="([^"]*)"/g)) expect(source).toMatch(/^data:image\/bmp;base64,/);
  });

  test("pictures and charts have words, tables have scopes, headings do not skip", () => {
    for (const { name, attributes } of tags()) {
      if (name === "img") expect(attributes).toMatch(/alt="[^"]+"/);
      if (name === "svg") expect(attributes).toMatch(/role="img" aria-label="[^"]+"/);
      if (name === "th") expect(attributes).toMatch(/scope="(row|col)"/);
    }
    expect(tags().filter(({ name }) => name === "table").length).toBe(bare.split("<caption").length - 1);
    const headings = tags().map(({ name }) => name).filter((name) => /^h\d$/.test(name));
    expect(headings[0]).toBe("h1");
    expect(headings.slice(1)).not.toContain("h1");
  });

  test("the numbers are the evaluation's", () => {
    expect(page).toContain("75.0 %");
    expect(page).toContain("95 % interval 40.9 % to 92.9 %");
    expect(page).toContain("+37.5 points");
    expect(page).toContain("p = 0.250");
    expect(page).toContain("which may be luck");
    expect(page).toContain("12,345");
    expect(page).toContain("1 min 15 s");
    expect(page).toContain('title="cat taken for dog: 1 (33.3 %)"');
    expect(page).toContain("Row 5: &lt;axolotl&gt; &amp; &#39;co&#39; taken for dog, 90.0 % sure");
  });

  test("the curves mark the best epoch, have tooltips and leave gaps for what is not finite", () => {
    expect(page).toContain("best: epoch 2");
    expect(page).toContain("<title>epoch 2: training 0.5, validation 0.6</title>");
    expect(page).toContain("<title>epoch 3: validation 0.7</title>");
    const train = /class="line train" d="([^"]*)"/.exec(page)![1]!;
    expect(train.match(/M/g)).toHaveLength(2);
    expect(page).not.toContain("NaN");
  });
});

test("what is not given is left out", () => {
  const bare = htmlReport({ title: "t", evaluation });
  const ids = [...bare.matchAll(/<section id="(\w+)"/g)].map(([, id]) => id);
  expect(ids).toEqual(["confusion", "classes"]);
  expect(bare).not.toContain("Gain over baseline");
  expect([...page.matchAll(/<section id="(\w+)"/g)].map(([, id]) => id)).toEqual([
    "learning", "confusion", "classes", "calibration", "wrong", "data", "model", "reproduce",
  ]);
  expect(htmlReport({ title: "t", evaluation, wrongRows: evaluation.mostWrong(5) })).toContain("Given to the truth");
});

test("a model that does not beat its baseline is said so", () => {
  const lost = htmlReport({ title: "t", evaluation, baselines: [{ name: "coin", accuracy: 0.8 }] });
  expect(lost).toContain("It does not beat the best baseline, coin (80.0 %)");
  expect(lost).toContain("−5.0 points");
});

test("one epoch, a diverged run and a run without validation still make a page", () => {
  for (const loss of [[0.5], [NaN, NaN], [Infinity], [0, 0, 0], [1, 2]]) {
    const made = htmlReport({ title: "t", evaluation, curves: { loss, accuracy: loss.map(() => 1) } });
    expect(made).toContain('id="learning"');
    expect(made).not.toMatch(/NaN|Infinity/);
  }
});

test("many classes are cut to those with the most mistakes", () => {
  const names = Array.from({ length: 60 }, (_, i) => `class ${i}`);
  const many = classificationReport({ labels: names.map((_, i) => i), predictions: names.map((_, i) => (i < 10 ? 59 : i)), classNames: names });
  const made = htmlReport({ title: "t", evaluation: many });
  expect(made).toContain("Shown are the 30 classes");
  expect(made).toContain('title="class 9 taken for class 59: 1 (100.0 %)"');
});

test("pictures that do not fit are refused", () => {
  const picture = { width: 2, height: 2, channels: 1, pixels: [0, 0, 0, 0], row: 3, label: 0, predicted: 1, probability: 0.5 };
  const withPicture = (change: object) => () => htmlReport({ title: "t", evaluation, pictures: [{ ...picture, ...change }] });
  expect(withPicture({})).not.toThrow();
  expect(withPicture({ width: 3 })).toThrow(expect.objectContaining({ code: "SHAPE_MISMATCH", where: "htmlReport: picture of row 3" }));
  expect(withPicture({ channels: 2, width: 1 })).toThrow(expect.objectContaining({ code: "SHAPE_MISMATCH" }));
  expect(withPicture({ label: 3 })).toThrow(expect.objectContaining({ code: "LABEL_RANGE" }));
});

test("the html tag escapes all but markup", () => {
  expect(html`<a title="${'"'}">${["<", html`<b>${1}</b>`, undefined]}</a>`.source).toBe('<a title="&quot;">&lt;<b>1</b></a>');
});

test("numbers for people", () => {
  expect([percent(0.9724), percent(NaN), significant(0.00012345), significant(NaN)]).toEqual(["97.2 %", "–", "0.000123", "–"]);
  expect([0.0421, 42, 59.97, 185, 3599.6, 7800].map(duration)).toEqual(["42 ms", "42.0 s", "1 min 0 s", "3 min 5 s", "1 h 0 min", "2 h 10 min"]);
  expect([pValueText(0.0004), pValueText(0.05)]).toEqual(["p < 0.001", "p = 0.050"]);
});
