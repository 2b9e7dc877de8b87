// Writes one path again and again, each time a whole file of one byte's value; it is killed from outside.
import { writeFileAtomic } from "../../src/files/disk.js";

const [path = "", first = "0", bytes = "1", times = "1e9"] = process.argv.slice(2);
process.stdout.write("ready\n");
for (let i = 0; i < Number(times); i++) {
  await writeFileAtomic(path, new Uint8Array(Number(bytes)).fill((Number(first) + i) % 251));
}
