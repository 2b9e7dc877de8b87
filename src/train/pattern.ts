import { NacreError, nearestName, wrongKind } from "../error.js";
import type { Variable } from "../layers/variable.js";
import type { Trainable } from "./trainable.js";

/**
 * Which paths are meant: a glob, where `*` stands for anything but `/`, `**` for any number of
 * steps and `?` for one character, or a regular expression that is looked for in the path.
 */
export type PathPattern = string | RegExp;

/** Tells which paths a pattern means. @throws BAD_ARGUMENT when it is neither text nor a regular expression */
export function matcher(where: string, pattern: PathPattern): (path: string) => boolean {
  if (!(pattern instanceof RegExp) && typeof pattern !== "string") {
    throw wrongKind(where, 'a pattern such as "encoder/**", or a regular expression', pattern);
  }
  const expression = pattern instanceof RegExp ? pattern : globExpression(pattern);
  // Unlike `test`, `search` keeps no place from call to call, whatever the flags.
  return (path) => path.search(expression) >= 0;
}

/** `encoder/**` means `encoder` itself too. */
function globExpression(glob: string): RegExp {
  const source = glob.replaceAll(/\*\*\/|\/\*\*$|[\s\S]/g, (part, at: number) => {
    if (part === "**/") return "(?:.*/)?";
    if (part === "/**") return "(?:/.*)?";
    if (part === "*") return glob[at + 1] === "*" ? ".*" : glob[at - 1] === "*" ? "" : "[^/]*";
    return part === "?" ? "[^/]" : part.replace(/[.+^${}()|[\]\\/]/, "\\$&");
  });
  return new RegExp(`^${source}$`);
}

/** What patterns may call a variable of a model: its path, and for one of an imported graph also its name there. */
export function namesIn(model: Trainable): (variable: Variable) => readonly string[] {
  const graphs = [...model.layerPaths.keys()].filter(({ definition }) => definition.inside !== undefined);
  const inGraphs = new Set(graphs.flatMap((layer) => layer.variables));
  return (variable) => (inGraphs.has(variable) ? [model.pathOf(variable), variable.name] : [model.pathOf(variable)]);
}

/** The error for a pattern that means none of the paths. */
export function noMatch(where: string, what: string, pattern: string, paths: readonly string[], fix?: string): NacreError {
  const nearest = nearestName(pattern, paths);
  return new NacreError({
    code: "UNKNOWN_NAME",
    where,
    expected: `a pattern that means at least one of the ${what} ${paths.slice(0, 40).join(", ")}${paths.length > 40 ? ", …" : ""}`,
    received: pattern,
    ...(fix !== undefined ? { fix } : nearest === undefined ? {} : { fix: `did you mean "${nearest}"?` }),
  });
}
