import { NacreError } from "../../error.js";

/** A longer field is taken for an attack, or for a quote that is never closed. */
const MAX_FIELD_CHARS = 2 ** 20;
const MAX_FIELDS = 100_000;

const LF = 10;
const CR = 13;
const QUOTE = 34;
const BOM = 0xfeff;

type State =
  | "start" // of a field
  | "plain"
  | "quoted"
  | "closed"; // after a quote that ends a quoted field, or is the first of a doubled one

/**
 * Splits CSV text that arrives in pieces into records: quoted fields may hold separators, line ends
 * and doubled quotes; lines end in LF, CRLF or CR; empty lines are skipped.
 */
export class CsvParser {
  /** The line being read, from 1. */
  line = 1;
  readonly #where: string;
  readonly #separator: number;
  readonly #onRecord: (fields: string[], line: number) => void;
  #state: State = "start";
  /** What earlier pieces hold of the current field. */
  #field = "";
  #fields: string[] = [];
  #recordLine = 1;
  #quotedRecord = false;
  #afterCr = false;
  #first = true;

  constructor(where: string, separator: string, onRecord: (fields: string[], line: number) => void) {
    this.#where = where;
    this.#separator = separator.charCodeAt(0);
    this.#onRecord = onRecord;
  }

  /** Reads the next piece. @throws BAD_DATA when it breaks the quoting rules or a limit */
  write(text: string): void {
    const zero = text.indexOf("\0");
    if (zero >= 0) throw this.#binary(text.slice(0, zero));
    let i = this.#first && text.charCodeAt(0) === BOM ? 1 : 0;
    if (text.length > 0) this.#first = false;
    let from = i;
    for (; i < text.length; i++) {
      const char = text.charCodeAt(i);
      if (this.#afterCr) {
        this.#afterCr = false;
        if (char === LF) {
          from = i + 1;
          continue;
        }
      }
      if (this.#state === "quoted") {
        if (char === LF) this.line++;
        if (char !== QUOTE) continue;
        this.#append(text.slice(from, i));
        this.#state = "closed";
        from = i + 1;
      } else if (char === this.#separator) {
        this.#endField(text.slice(from, i));
        from = i + 1;
      } else if (char === LF || char === CR) {
        this.#endField(text.slice(from, i));
        this.#endRecord();
        this.line++;
        this.#recordLine = this.line;
        this.#afterCr = char === CR;
        from = i + 1;
      } else if (this.#state === "start") {
        this.#state = char === QUOTE ? "quoted" : "plain";
        if (char !== QUOTE) continue;
        this.#quotedRecord = true;
        from = i + 1;
      } else if (this.#state === "closed") {
        if (char !== QUOTE) throw this.#textAfterQuote(text[i]!);
        // The second quote of a pair stands for itself: it starts the next run of text.
        this.#state = "quoted";
        from = i;
      }
    }
    this.#append(text.slice(from));
  }

  /** Says that no more text comes. @throws BAD_DATA when a quote is still open */
  end(): void {
    if (this.#state === "quoted") throw this.#openQuote("the end of the file");
    if (this.#state === "start" && this.#fields.length === 0) return;
    this.#endField("");
    this.#endRecord();
  }

  #append(text: string): void {
    this.#field += text;
    if (this.#field.length <= MAX_FIELD_CHARS) return;
    if (this.#state === "quoted") throw this.#openQuote(`a field of more than ${MAX_FIELD_CHARS} characters`);
    throw this.#error(`fields of at most ${MAX_FIELD_CHARS} characters`, "a longer one", "check that this is a CSV file");
  }

  #endField(text: string): void {
    this.#append(text);
    this.#fields.push(this.#field);
    this.#field = "";
    this.#state = "start";
    if (this.#fields.length <= MAX_FIELDS) return;
    throw this.#error(`at most ${MAX_FIELDS} columns`, "more", "check the separator");
  }

  #endRecord(): void {
    const fields = this.#fields;
    const empty = fields.length === 1 && fields[0] === "" && !this.#quotedRecord;
    this.#fields = [];
    this.#quotedRecord = false;
    if (!empty) this.#onRecord(fields, this.#recordLine);
  }

  #textAfterQuote(char: string): NacreError {
    return this.#error(
      "a separator or the end of the line after a closing quote",
      JSON.stringify(char),
      'write a quote inside a quoted field twice, as in "5"" disk"',
    );
  }

  #openQuote(received: string): NacreError {
    return this.#error("a closing quote", received, `look for a single quote in the record that starts at line ${this.#recordLine}`);
  }

  #binary(before: string): NacreError {
    this.line += before.split("\n").length - 1;
    return this.#error("text", "a NUL byte: this is a binary file", "export the table as CSV in UTF-8");
  }

  #error(expected: string, received: string, fix: string): NacreError {
    const where = `${this.#where}, line ${this.line}`;
    return new NacreError({ code: "BAD_DATA", where, expected, received, fix });
  }
}
