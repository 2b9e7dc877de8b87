import type { CsvOptions } from "../data/csv/options.js";
import { mutateBytes, pick, type Random } from "./mutate.js";

const SOUND: readonly string[] = [
  "a,b,label\n1,2.5,x\n3,-4e3,y\n5,,x\n",
  '\ufeffname;"size, in m";ok\r\n"Ann ""A""";1.5;yes\r\n"line\nbreak";2;no\r\n',
  "1\t2\t0\n3\t4\t1\n5\t6\t0",
  "label,ids,weight\n0,7,1\n1,8,0.5\n2,9,2\n",
];

/** What breaks readers of tables; the long ones take more than a second where work grows by the square. */
const HOSTILE: readonly (() => string)[] = [
  ...['"', '""', '"x', ",", ";", "\t", "\r", "\n", "\r\n", "\0", "\ufeff", "NaN", "inf", "-Infinity", "1e999", "0x1F", "__proto__"].map(
    (text) => () => text,
  ),
  ...["constructor", "label", "a,a", "9007199254740993", "1_000", "１２", "=1+1", "💥", " ", "missing", "input"].map((text) => () => text),
  () => `${"1".repeat(200_000)}x`,
  () => "9".repeat(200_000),
  () => "y".repeat(2_000_000),
  () => ",".repeat(50_000),
  () => ",".repeat(120_000),
  () => Array.from({ length: 30_000 }, (_, i) => `c${i}`).join(","),
  () => "\n".repeat(100_000),
  () => "1,2,3\n".repeat(20_000),
  () => '"'.repeat(100_001),
];

/** The bytes of a CSV file, damaged in one to four places. */
export function mutateCsv(random: Random): Uint8Array {
  let text = pick(SOUND, random);
  for (let rounds = random(4); rounds > 0; rounds--) {
    const at = random(text.length + 1);
    // The long ones are rare, and not on top of each other.
    const hostile = text.length < 1000 && random(6) === 0 ? pick(HOSTILE, random) : pick(HOSTILE.slice(0, -9), random);
    text = text.slice(0, at) + hostile() + text.slice(at + random(3));
  }
  const bytes = new TextEncoder().encode(text);
  return random(3) === 0 && bytes.length < 10_000 && bytes.length > 4 ? mutateBytes(bytes, random) : bytes;
}

/** Options such as people give. */
export function csvOptions(random: Random): CsvOptions {
  const choices: readonly CsvOptions[] = [
    {},
    { label: "label" },
    { label: -1, missing: "mean" },
    { label: 0, separator: "\t", header: false },
    { separator: ";", missing: "drop" },
    { label: "label", sampleWeight: "weight", keep: ["ids"], missing: "keep" },
    { categories: ["a"], missing: 0 },
  ];
  return pick(choices, random);
}
