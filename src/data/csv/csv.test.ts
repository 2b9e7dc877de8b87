import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { expect, test } from "vitest";
import { NacreError } from "../../error.js";
import { csv } from "./csv.js";
import type { CsvOptions } from "./options.js";

const DIGITS = new URL("../../../examples/data/digits.csv", import.meta.url);

const read = (text: string, options: CsvOptions = {}) => csv({ text }, options);
const values = async (text: string, name: string, options: CsvOptions = {}) =>
  [...(await (await read(text, options)).column(name)).data];

async function failure(promise: Promise<unknown>): Promise<NacreError> {
  const error: unknown = await promise.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (error instanceof NacreError) return error;
  throw new Error(`expected a NacreError, got ${String(error)}`);
}

test("reads the digits as images with class numbers", async () => {
  const digits = await csv(DIGITS, { label: "label", shape: [8, 8, 1], scale: 1 / 16 });
  expect(digits.length).toBe(1797);
  expect(digits.name).toBe("digits.csv");
  expect(digits.inputs).toEqual(["input"]);
  expect(digits.labels).toEqual(["label"]);
  expect(digits.columns["input"]).toMatchObject({ dtype: "float32", shape: [8, 8, 1] });
  expect(digits.columns["label"]).toMatchObject({ dtype: "int32", shape: [] });
  expect(digits.classNames).toEqual(["0", "1", "2", "3", "4", "5", "6", "7", "8", "9"]);
  const [first] = await digits.head(1);
  expect([...(first!["input"] as Float32Array).subarray(0, 6)]).toEqual([0, 0, 5 / 16, 13 / 16, 9 / 16, 1 / 16]);
  expect(first!["label"]).toBe(0);
});

test("text labels become the codes of their sorted names, text features inputs of their own", async () => {
  const data = await read("size,colour,kind\n1,red,plum\n2.5,green,apple\n3,red,apple\n", { label: "kind" });
  expect(data.classNames).toEqual(["apple", "plum"]);
  expect([...(await data.column("kind")).data]).toEqual([1, 0, 0]);
  expect(data.inputs).toEqual(["input", "colour"]);
  expect(data.columns["colour"]).toEqual({ dtype: "int32", shape: [], categories: ["green", "red"] });
  expect([...(await data.column("colour")).data]).toEqual([1, 0, 1]);
  expect([...(await data.column("input")).data]).toEqual([1, 2.5, 3]);
});

test("labels of whole numbers stay int32, measured ones float32", async () => {
  expect((await read("x,y\n1,3\n2,7\n", { label: "y" })).columns["y"]).toEqual({ dtype: "int32", shape: [] });
  expect((await read("x,y\n1,3.0\n2,7\n", { label: "y" })).columns["y"]).toEqual({ dtype: "float32", shape: [] });
});

test("finds or is told the header, and names columns without one by position", async () => {
  expect(await values("1,2,a\n3,4,b\n", "input", { label: -1 })).toEqual([1, 2, 3, 4]);
  expect((await read("1,2,a\n3,4,b\n", { label: 2 })).labels).toEqual(["column_2"]);
  expect(await values("0,1,label\n5,6,0\n", "input", { label: "label" })).toEqual([5, 6]);
  expect(await values("10,11\n5,6\n", "input", { header: true })).toEqual([5, 6]);
  expect((await read("a,b\nc,d\n", { header: false })).length).toBe(2);
});

test("chooses, keeps, weighs and separates columns", async () => {
  const data = await read("id;a;b;w;y\n12345678901;1;2;0.5;0\n12345678902;3;4;1;1\n", {
    separator: ";",
    label: "y",
    columns: ["b"],
    keep: ["id"],
    sampleWeight: "w",
    inputName: "features",
  });
  expect(data.inputs).toEqual(["features"]);
  expect([...(await data.column("features")).data]).toEqual([2, 4]);
  expect([...(await data.column("id")).data]).toEqual([12345678901, 12345678902]);
  expect(data.sampleWeight).toBe("w");
  expect([...(await data.column("w")).data]).toEqual([0.5, 1]);
});

test("categories reads numbers as text", async () => {
  const data = await read("zip,x\n10,1\n9,2\n", { categories: ["zip"] });
  expect(data.columns["zip"]!.categories).toEqual(["10", "9"]);
});

test("columns may be called like what every object has", async () => {
  const data = await read("constructor,toString\nx,1\ny,0\n", { label: "toString" });
  expect([data.inputs, data.labels]).toEqual([["constructor"], ["toString"]]);
  expect(await data.head(1)).toEqual([{ constructor: 0, toString: 1 }]);
});

test("trims cells, takes a byte order mark and CRLF", async () => {
  expect(await values("\ufeffx, y\r\n 1 , 2\r\n", "y", { label: "y" })).toEqual([2]);
});

test("missing values are an error, dropped, filled or kept", async () => {
  const text = "x,c,y\n1,a,0\nNA,?,1\n5,b,1\n";
  const error = await failure(read(text, { label: "y" }));
  expect(error).toMatchObject({ code: "BAD_DATA", where: 'CSV text, line 3, column "x"' });
  expect(error.message).toContain('"NA" (missing)');
  expect(await values(text, "input", { label: "y", missing: "drop" })).toEqual([1, 5]);
  expect(await values(text, "input", { label: "y", missing: "mean", scale: 2 })).toEqual([2, 6, 10]);
  expect(await values(text, "input", { label: "y", missing: -1 })).toEqual([1, -1, 5]);
  expect(await values(text, "input", { label: "y", missing: "keep" })).toEqual([1, NaN, 5]);
  expect((await read(text, { label: "y", missing: "keep" })).columns["c"]!.categories).toEqual(["a", "b", "missing"]);
  expect(await values(text, "input", { label: "y", missing: 0, missingValues: ["NA"] })).toEqual([1, 0, 5]);
});

test("a text column may start with a missing cell", async () => {
  expect(await values("c,x\n?,1\nb,2\n", "c", { missing: "keep" })).toEqual([1, 0]);
});

test("NaN is missing, and infinite numbers are refused", async () => {
  expect((await failure(read("x\n1\nNaN\n"))).message).toContain("line 3");
  for (const cell of ["inf", "-Infinity", "1e999", "1e39"]) {
    const error = await failure(read(`x\n1\n${cell}\n`));
    expect([error.expected, error.fix]).toEqual([expect.stringContaining("a finite number of at most 3.4e38"), expect.stringContaining("scale the column down")]);
  }
});

test("a label is never invented", async () => {
  const error = await failure(read("x,y\n1,0\n2,\n", { label: "y", missing: "mean" }));
  expect(error).toMatchObject({ code: "BAD_DATA", where: 'CSV text, line 3, column "y"' });
  expect(await values("x,y\n1,0\n2,\n", "y", { label: "y", missing: "drop" })).toEqual([0]);
});

test.each<[name: string, text: string, options: CsvOptions, message: string]>([
  ["an empty file", "", {}, "received an empty file"],
  ["empty lines only", "\n\r\n\n", {}, "received an empty file"],
  ["a header without rows", "a,b\n", {}, "received the header alone"],
  ["a row that is too short", "a,b\n1,2\n3\n", {}, "line 3: expected 2 fields as in the first line, received 1"],
  ["a row that is too long", 'a,b\n"1\n",2\n3,4,5\n', { missing: 0, categories: ["a"] }, "line 4: expected 2 fields as in the first line, received 3"],
  ["a binary file", "PK\u0003\u0004\0\0", {}, "NUL byte"],
  ["text among numbers", "a,b\n1,2\n3,oops\n", {}, 'line 3, column "b": expected a number, as in the rows above, received "oops"'],
  ["hexadecimal", "a\n1\n0x10\n", {}, '"0x10"'],
  ["a label that is not there", "sepal,species\n1,a\n", { label: "specis" }, 'did you mean "species"?'],
  ["a label index out of range", "a,b\n1,2\n", { label: 2 }, "from 0 to 1, received 2"],
  ["a wrong separator", "a;b\n1;2\n", { label: "b" }, 'set separator: ";"'],
  ["a shape that does not fit", "a,b,y\n1,2,0\n", { label: "y", shape: [2, 2] }, "4 numeric feature columns for shape [2, 2], received 2"],
  ["a shape with text features", "a,b\n1,red\n", { shape: [2] }, "2 numeric feature columns for shape [2], received 1"],
  ["repeated names", "a,a\n1,2\n", {}, '"a" twice'],
  ["a name that would change an object", "a,__proto__\n1,x\n", {}, "rename the column"],
  ["no features", "y\n1\n", { label: "y" }, "at least one feature column"],
  ["a feature that is also the label", "a,y\n1,2\n", { label: "y", columns: ["a", "y"] }, "one part for each column"],
  ["a mean of nothing", "a,b\n,1\n,2\n", { missing: "mean" }, "a value to take the mean of"],
  ["a column called like the packed features", "a,input\n1,x\n", {}, "set inputName"],
  ["only incomplete rows", "a,b\n,1\n", { missing: "drop" }, "no row without missing cells"],
])("refuses %s", async (_name, text, options, message) => {
  const error = await failure(read(text, options));
  expect(error.code).toBe("BAD_DATA");
  expect(error.message).toContain(message);
});

test("refuses bytes that are not UTF-8", async () => {
  for (const bytes of [[0xff, 0xfe, 97, 0], [97, 10, 0xe9, 10], [97, 10, 0xc3]]) {
    const error = await failure(csv(new Uint8Array(bytes)));
    expect(error.code).toBe("BAD_DATA");
    expect(error.message).toContain("UTF-8");
  }
});

test("refuses options that it does not know or that make no sense", async () => {
  expect((await failure(read("a\n1\n", { lable: "a" } as CsvOptions))).message).toContain('did you mean "label"?');
  for (const options of [{ separator: "ab" }, { scale: NaN }, { shape: [0] }, { missing: "skip" }]) {
    expect((await failure(read("a\n1\n", options as CsvOptions))).code).toBe("BAD_ARGUMENT");
  }
});

test("reads paths, file URLs, http, data URLs, bytes and blobs alike", async () => {
  const folder = await mkdtemp(join(tmpdir(), "nacre-csv-"));
  const text = "x,naïve\n1,2\n3,4\n";
  const server = createServer((request, response) => {
    response.statusCode = request.url === "/data.csv" ? 200 : 404;
    response.end(text);
  });
  try {
    const path = join(folder, "data.csv");
    await writeFile(path, text);
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const address = server.address();
    const origin = `http://127.0.0.1:${typeof address === "object" ? address!.port : 0}`;
    const bytes = new TextEncoder().encode(text);
    const sources = [path, pathToFileURL(path), pathToFileURL(path).href, `${origin}/data.csv`, bytes, new Blob([bytes])];
    for (const source of [...sources, `data:text/csv,${encodeURIComponent(text)}`]) {
      expect([...(await (await csv(source, { label: "naïve" })).column("naïve")).data]).toEqual([2, 4]);
    }
    expect(await failure(csv(`${origin}/none.csv`))).toMatchObject({ code: "FILE_ACCESS", received: "the answer 404 Not Found" });
    expect(await failure(csv(join(folder, "none.csv")))).toMatchObject({ code: "FILE_ACCESS" });
    expect(await failure(csv(folder))).toMatchObject({ code: "FILE_ACCESS" });
  } finally {
    server.close();
    await rm(folder, { recursive: true });
  }
});

test("reports progress and can be aborted", async () => {
  const seen: number[] = [];
  await csv(DIGITS, { onProgress: ({ rows }) => seen.push(rows) });
  expect(seen.length).toBeGreaterThan(1);
  expect(seen.at(-1)).toBeGreaterThan(1700);
  const controller = new AbortController();
  const reading = csv(DIGITS, { signal: controller.signal, onProgress: () => controller.abort() });
  expect((await failure(reading)).code).toBe("ABORTED");
});
