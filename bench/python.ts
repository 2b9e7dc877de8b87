import { execFile } from "node:child_process";
import { promisify } from "node:util";

/** The versions of the modules that a Python has, by their names. */
export type PythonModules = ReadonlyMap<string, string>;

const PROBE = `
import importlib.metadata, importlib.util, json
found = {}
for name in ["torch", "numpy", "keras", "tensorflow", "jax"]:
    if importlib.util.find_spec(name) is None:
        continue
    try:
        found[name] = importlib.metadata.version(name)
    except importlib.metadata.PackageNotFoundError:
        found[name] = "?"
print(json.dumps(found))
`;

/** What a Python has of the modules that peers need; none where there is no such Python. */
export async function probePython(python: string): Promise<PythonModules> {
  try {
    const { stdout } = await promisify(execFile)(python, ["-c", PROBE]);
    return new Map(Object.entries(JSON.parse(stdout) as Record<string, string>));
  } catch {
    return new Map();
  }
}
