/**
 * A class whose instances are functions: calling one calls its `use`. Instances keep the class's
 * prototype, so `instanceof`, methods and private fields work as ever.
 */
export abstract class Callable<I, O> {
  constructor() {
    const call = (input: I): O => (call as unknown as Callable<I, O>).use(input);
    // The function's own `name` would hide a getter of the class.
    Reflect.deleteProperty(call, "name");
    return Object.setPrototypeOf(call, new.target.prototype) as Callable<I, O>;
  }

  abstract use(input: I): O;
}
