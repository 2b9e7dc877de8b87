import { readFixtures } from "../../testing/fixtures.js";
import { opTests } from "../../testing/opTest.js";
import * as matrix from "./index.js";

const fixtures = readFixtures(new URL("./matrix.fixtures.json", import.meta.url));

opTests(matrix, fixtures, {
  mapAxis: [
    { name: "middle axis", call: (x, m) => matrix.mapAxis(x, m, 1), freeBatch: [0] },
    { name: "last axis", freeBatch: [0] },
    { name: "first axis", call: (x, m) => matrix.mapAxis(x, m, 0) },
  ],
  matmul: [
    { name: "matrices" },
    { name: "batch against one matrix" },
    { name: "batches broadcast both ways" },
    { name: "one matrix against a batch" },
    { name: "vectors" },
    { name: "vector on the left" },
    { name: "vector on the right" },
    {
      name: "both transposed",
      call: (a, b) => matrix.matmul(a, b, { transposeA: true, transposeB: true }),
      freeBatch: true,
    },
    { name: "no rows" },
    { name: "nothing to sum" },
  ],
});
