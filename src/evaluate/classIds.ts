import { NacreError, isRecord, wrongKind } from "../error.js";

/** Refuses an input that lacks some of its arrays, or has something else in their place. */
export function needArrays(where: string, input: unknown, names: readonly string[]): void {
  if (!isRecord(input)) throw wrongKind(where, `an object with ${names.join(", ")}`, input);
  for (const name of names) needArray(`${where} ${name}`, input[name]);
}

/** Refuses what is no array. */
export function needArray(where: string, value: unknown): void {
  if (typeof value === "object" && typeof (value as { length?: unknown } | null)?.length === "number") return;
  throw wrongKind(where, "an array", value, "the values of a tensor are await tensor.data()");
}

/** Checks that `ids` are classes from 0 to `classes` - 1, one a row, at least one row. */
export function checkClassIds(where: string, name: string, ids: ArrayLike<number>, classes: number, rows: number): void {
  checkRows(where, name, ids.length, rows);
  for (let row = 0; row < rows; row++) {
    const id = ids[row]!;
    if (!Number.isInteger(id) || id < 0 || id >= classes) {
      throw new NacreError({
        code: "LABEL_RANGE",
        where,
        expected: `${name} as whole numbers from 0 to ${classes - 1}`,
        received: `${id} in row ${row}`,
        fix: "number the classes from 0, or name every class in classNames",
      });
    }
  }
}

/** Checks a count of rows. */
export function checkRows(where: string, name: string, received: number, rows: number): void {
  if (rows > 0 && received === rows) return;
  throw new NacreError({
    code: "SHAPE_MISMATCH",
    where,
    expected: rows > 0 ? `${rows} ${name}, one a row` : "at least one row",
    received: String(received),
    fix: "pass arrays of the same rows in the same order",
  });
}
