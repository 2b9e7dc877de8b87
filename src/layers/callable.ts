/**
 * A class whose instances are functions: calling one calls its `use`. Instances keep the class's
 * prototype, so `instanceof`, methods and private fields work as ever.
 */
export abstract class Callable<A extends readonly unknown[], O> {
  constructor() {
    const call = (...args: A): O => (call as unknown as Callable<A, O>).use(...args);
    // The function's own `name` would hide a getter of the class.
    Reflect.deleteProperty(call, "name");
    return Object.setPrototypeOf(call, new.target.prototype) as Callable<A, O>;
  }

  abstract use(...args: A): O;
}
