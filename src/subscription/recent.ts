/** How many are remembered: more than one burst of changes has kinds of. */
const REMEMBERED = 8;

/** Of equal objects it gives the one that came first, unless that was long ago: so that very many can share one. */
export class Recent<T extends object> {
  private readonly values: T[] = [];

  same(value: T): T {
    const known = this.values.find((other) => isSame(value, other));
    if (known === undefined && this.values.push(value) > REMEMBERED) this.values.shift();
    return known ?? value;
  }
}

function isSame<T extends object>(a: T, b: T): boolean {
  for (const name in a) if (a[name] !== b[name]) return false;
  return true;
}
