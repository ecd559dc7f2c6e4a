/** The characters with a meaning in topics, as UTF-16 units. */
export const DOLLAR = 0x24;
export const HASH = 0x23;
export const PLUS = 0x2b;
export const SLASH = 0x2f;
