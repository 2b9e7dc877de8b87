import { type Model, defineLayer } from "nacre";

/** Changes nothing and remembers what the outputs stand for, so that a `.nacre` file tells it. */
export const classNames = defineLayer({
  className: "ClassNames",
  defaults: { names: [] as readonly string[] },
  call: (_, x) => x,
});

/** What a model's outputs stand for; undefined where the model does not say. */
export function namesOf(model: Model): readonly string[] | undefined {
  const layer = model.layers.find(({ className }) => className === "ClassNames");
  return (layer?.config as { names?: readonly string[] } | undefined)?.names;
}
