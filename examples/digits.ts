import { fileURLToPath } from "node:url";
import { audit, csv } from "nacre/data";
import { classificationReport, compareToBaseline, formatClassificationReport, predictedClasses } from "nacre/evaluate";
import { scoreBaselines } from "./digits/baselines.js";
import { checkPortability } from "./digits/portability.js";
import { writeReport } from "./digits/report.js";
import { makeFolder, readSettings } from "./digits/settings.js";
import { explain, Stop } from "./digits/stop.js";
import { trainNetwork } from "./digits/training.js";

/**
 * Held-out accuracy over 20 seeds: what this network reaches, and with --fast. No run should lie
 * more than three standard deviations of chance below, which is what one in a thousand does.
 */
const USUAL = { full: 0.9876, fast: 0.983 };

await main(process.argv.slice(2)).catch(explain);

/** From a CSV file to a trained, judged, saved and exported network. */
async function main(args: readonly string[]): Promise<void> {
  const { seeds, fast, out } = readSettings(args);
  await makeFolder(out);
  const file = fileURLToPath(new URL("../data/digits.csv", import.meta.url));
  const digits = await csv(file, { label: "label", shape: [8, 8, 1], scale: 1 / 16 });
  const findings = await audit(digits);
  console.log(String(findings));

  const accuracies: number[] = [];
  let rows = 0;
  for (const seed of seeds) {
    const { train, test } = await digits.split({ test: 0.2, stratify: true, seed });
    console.log(`\nSeed ${seed}: ${train.length} rows to train on, ${test.length} held out.`);
    const labels = Array.from((await test.column("label")).data, Number);
    const baselines = await scoreBaselines(train, test, seed);
    const trained = await trainNetwork(train, seed, fast ? 12 : 60, out);

    const probabilities = (await (await trained.model.predict(test)).data()) as Float32Array;
    const evaluation = classificationReport({ labels, probabilities, classNames: [...test.classNames!] });
    console.log(`\n${formatClassificationReport(evaluation)}\n`);
    const predictions = predictedClasses(probabilities, 10);
    const comparisons = baselines.map(({ name, predictions: baseline }) => ({
      name,
      ...compareToBaseline({ labels, predictions, baseline }),
    }));
    for (const { name, baselineAccuracy, gain, pValue } of comparisons) {
      const points = `${gain >= 0 ? "+" : ""}${(gain * 100).toFixed(1)} points`;
      console.log(`${points} over the ${name} at ${(baselineAccuracy * 100).toFixed(1)} % (McNemar p = ${pValue.toPrecision(2)})`);
    }
    const files = await checkPortability(trained.model, test, out);
    const report = await writeReport(
      { audit: findings, test, trained, evaluation, probabilities, labels, comparisons, seed, fast },
      `${out}/digits.html`,
    );
    console.log(`\nModel   ${files.saved}\nONNX    ${files.onnx}\nReport  ${report}`);
    accuracies.push(evaluation.accuracy);
    rows += evaluation.rows;
  }

  const mean = accuracies.reduce((sum, accuracy) => sum + accuracy, 0) / accuracies.length;
  const worst = Math.min(...accuracies);
  if (seeds.length > 1) {
    console.log(`\nSeeds ${seeds.join(", ")}: mean ${(mean * 100).toFixed(2)} %, worst ${(worst * 100).toFixed(2)} %`);
  }
  const usual = fast ? USUAL.fast : USUAL.full;
  demand("The worst held-out accuracy", worst, leastOf(usual, rows / seeds.length));
  demand("The mean held-out accuracy", mean, leastOf(usual, rows));
}

/** Three standard deviations below a share that is measured on so many rows. */
function leastOf(share: number, rows: number): number {
  return share - 3 * Math.sqrt((share * (1 - share)) / rows);
}

function demand(what: string, accuracy: number, least: number): void {
  if (accuracy >= least) return;
  throw new Stop(`${what}, ${(accuracy * 100).toFixed(2)} %, is below the ${(least * 100).toFixed(2)} % that chance allows.`);
}
