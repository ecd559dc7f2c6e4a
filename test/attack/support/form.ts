/** `npm run test:attack -- --long`: each attack goes on for longer, and is larger. */
export const isLong = process.env.ATTACK === 'long';

/** A size or a duration of an attack, in the short form and in the long one. */
export const scaled = (short: number, long: number): number => (isLong ? long : short);
