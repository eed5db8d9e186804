/** A name as a line of a terminal or log may hold it: what would end the line or steer the terminal becomes "?". */
export const printable = (name: string): string =>
  name.replace(/[\p{Cc}\p{Bidi_Control}\u2028\u2029]/gu, '?');
