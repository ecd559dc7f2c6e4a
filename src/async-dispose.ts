/** `await using` for applications whose `lib` lacks ESNext.Disposable, and whose types of Node do not declare it. */
declare global {
  interface SymbolConstructor {
    /** The key of the method that `await using` calls at the end of a scope. */
    readonly asyncDispose: unique symbol;
  }
}

export {};
