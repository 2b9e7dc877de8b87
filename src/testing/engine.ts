import { installEngine } from "../engine/compile.js";
import type { Engine } from "../engine/engine.js";
import { createNodeEngine } from "../engine/node.js";

let engine: Promise<Engine> | undefined;

/** The engine that all tests of one file share. */
export function testEngine(): Promise<Engine> {
  return (engine ??= createNodeEngine());
}

installEngine(testEngine);
