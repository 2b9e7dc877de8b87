import fc from "fast-check";
import { expect, test } from "vitest";
import { NacreError } from "../../error.js";
import { CsvParser } from "./parser.js";

function parse(pieces: readonly string[], separator = ","): { records: string[][]; lines: number[] } {
  const records: string[][] = [];
  const lines: number[] = [];
  const parser = new CsvParser("test.csv", separator, (fields, line) => {
    records.push(fields);
    lines.push(line);
  });
  for (const piece of pieces) parser.write(piece);
  parser.end();
  return { records, lines };
}

function failure(pieces: readonly string[]): NacreError {
  try {
    parse(pieces);
  } catch (error) {
    if (error instanceof NacreError) return error;
  }
  throw new Error("no NacreError was thrown");
}

test("reads quotes, doubled quotes, separators and line ends inside quotes", () => {
  const { records, lines } = parse(['a,"b,c"\r\n"say ""hi""","two\nlines"\r\nx,\n']);
  expect(records).toEqual([["a", "b,c"], ['say "hi"', "two\nlines"], ["x", ""]]);
  expect(lines).toEqual([1, 2, 4]);
});

test("takes LF, CRLF, CR and no end of the last line", () => {
  for (const end of ["\n", "\r\n", "\r"]) {
    expect(parse([`1,2${end}${end}3,4`]).records).toEqual([["1", "2"], ["3", "4"]]);
  }
});

test("skips empty lines but not a quoted empty field", () => {
  expect(parse(['\n\na\n\n""\n\n']).records).toEqual([["a"], [""]]);
});

test("drops a byte order mark, and keeps a quote inside a plain field", () => {
  expect(parse(["\ufeffa,5\" disk\n"]).records).toEqual([["a", '5" disk']]);
});

test("what a writer writes is read back, whatever the quoting and the pieces", () => {
  const field = fc.string({ unit: fc.constantFrom("a", "1", " ", ",", ";", '"', "\n", "\r", "é", "\t"), maxLength: 8 });
  const table = fc.integer({ min: 1, max: 5 }).chain((width) =>
    fc.array(fc.array(fc.tuple(field, fc.boolean()), { minLength: width, maxLength: width }), { minLength: 1, maxLength: 6 }),
  );
  const separators = fc.constantFrom(",", ";", "\t");
  fc.assert(
    fc.property(table, separators, fc.constantFrom("\n", "\r\n"), fc.boolean(), fc.infiniteStream(fc.integer({ min: 1, max: 7 })),
      (rows, separator, end, endLast, sizes) => {
        const write = ([text, quote]: [string, boolean], width: number) => {
          const needed = /["\r\n]/.test(text) || text.includes(separator) || (width === 1 && text === "");
          return quote || needed ? `"${text.replaceAll('"', '""')}"` : text;
        };
        const lines = rows.map((row) => row.map((cell) => write(cell, row.length)).join(separator));
        const text = lines.join(end) + (endLast ? end : "");
        const pieces: string[] = [];
        for (let at = 0; at < text.length; at += pieces.at(-1)!.length) {
          pieces.push(text.slice(at, at + sizes.next().value!));
        }
        expect(parse(pieces, separator).records).toEqual(rows.map((row) => row.map(([cell]) => cell)));
      }),
    { numRuns: 500 },
  );
});

test("refuses text after a closing quote and a quote that stays open, naming the line", () => {
  expect(failure(['a\n"b"c\n'])).toMatchObject({ code: "BAD_DATA", where: "test.csv, line 2" });
  const open = failure(['a,b\n1,"x\ny\nz']);
  expect(open.message).toContain("closing quote");
  expect(open.message).toContain("starts at line 2");
});

test("refuses a NUL byte, a field beyond the limit and too many columns", () => {
  expect(failure(["a\nb\nc\0"])).toMatchObject({ code: "BAD_DATA", where: "test.csv, line 3" });
  const long = "x".repeat(600_000);
  expect(failure([long, long]).message).toContain("fields of at most 1048576 characters");
  expect(failure(['"', long, long]).message).toContain("a closing quote");
  expect(failure([",".repeat(100_001)]).message).toContain("at most 100000 columns");
});
