import { type ChildProcessWithoutNullStreams, spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { pathToFileURL } from "node:url";

interface Answer {
  readonly id?: number;
  readonly method?: string;
  readonly result?: unknown;
  readonly error?: { readonly message: string };
}

interface Completions {
  readonly items: readonly { readonly label: string }[];
}

/** What an editor shows: TypeScript's own language server, asked about the files of a folder. */
export class LanguageServer {
  readonly #process: ChildProcessWithoutNullStreams;
  readonly #waiting = new Map<number, (answer: Answer) => void>();
  #received = Buffer.alloc(0);
  #lastId = 0;

  /** Starts the server for a folder with a `tsconfig.json`. */
  static async start(folder: string): Promise<LanguageServer> {
    const server = new LanguageServer(folder);
    const capabilities = { textDocument: { hover: { contentFormat: ["plaintext"] }, diagnostic: {} } };
    await server.#ask("initialize", { processId: process.pid, rootUri: uriOf(folder), capabilities });
    server.#tell("initialized", {});
    return server;
  }

  private constructor(folder: string) {
    const manifest = createRequire(import.meta.url).resolve("typescript/package.json");
    const { bin } = JSON.parse(readFileSync(manifest, "utf8")) as { readonly bin: { readonly tsc: string } };
    this.#process = spawn(process.execPath, [join(dirname(manifest), bin.tsc), "--lsp", "--stdio"], { cwd: folder });
    this.#process.stdout.on("data", (data: Buffer) => this.#take(data));
  }

  /** Shows the server a file as it lies on the disk. */
  open(path: string): void {
    this.#tell("textDocument/didOpen", { textDocument: { uri: uriOf(path), languageId: "typescript", version: 1, text: readFileSync(path, "utf8") } });
  }

  /** The names that the editor offers at the end of the first place where a file says `text`. */
  async completions(path: string, text: string): Promise<readonly string[]> {
    const found = (await this.#ask("textDocument/completion", placeOf(path, text))) as Completions | Completions["items"] | null;
    return (found === null ? [] : "items" in found ? found.items : found).map(({ label }) => label);
  }

  /** What the editor shows over the last character of the first place where a file says `text`. */
  async hover(path: string, text: string): Promise<string> {
    const place = placeOf(path, text);
    place.position.character--;
    return ((await this.#ask("textDocument/hover", place)) as { readonly contents: { readonly value: string } }).contents.value;
  }

  /** The messages of a file's mistakes. */
  async mistakes(path: string): Promise<readonly string[]> {
    const report = (await this.#ask("textDocument/diagnostic", { textDocument: { uri: uriOf(path) } })) as { readonly items: readonly { readonly message: string }[] };
    return report.items.map(({ message }) => message);
  }

  close(): void {
    this.#process.kill();
  }

  #ask(method: string, params: object): Promise<unknown> {
    const id = ++this.#lastId;
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, ({ result, error }) => (error === undefined ? resolve(result) : reject(new Error(error.message))));
      this.#send({ id, method, params });
    });
  }

  #tell(method: string, params: object): void {
    this.#send({ method, params });
  }

  #send(message: object): void {
    const text = JSON.stringify({ jsonrpc: "2.0", ...message });
    this.#process.stdin.write(`Content-Length: ${Buffer.byteLength(text)}\r\n\r\n${text}`);
  }

  #take(data: Buffer): void {
    this.#received = Buffer.concat([this.#received, data]);
    for (;;) {
      const end = this.#received.indexOf("\r\n\r\n");
      if (end < 0) return;
      const length = Number(/Content-Length: (\d+)/.exec(this.#received.toString("utf8", 0, end))![1]);
      const begin = end + 4;
      if (this.#received.length < begin + length) return;
      const answer = JSON.parse(this.#received.toString("utf8", begin, begin + length)) as Answer;
      this.#received = this.#received.subarray(begin + length);
      // What the server asks of the editor, such as its settings, needs an answer too.
      if (answer.method !== undefined && answer.id !== undefined) this.#send({ id: answer.id, result: null });
      else if (answer.id !== undefined) this.#waiting.get(answer.id)?.(answer);
    }
  }
}

function uriOf(path: string): string {
  return pathToFileURL(path).href;
}

/** The end of the first place where a file says `text`. */
function placeOf(path: string, text: string): { textDocument: { uri: string }; position: { line: number; character: number } } {
  const whole = readFileSync(path, "utf8");
  const at = whole.indexOf(text);
  if (at < 0) throw new Error(`${path} does not say ${text}`);
  const lines = whole.slice(0, at + text.length).split("\n");
  return { textDocument: { uri: uriOf(path) }, position: { line: lines.length - 1, character: lines.at(-1)!.length } };
}
