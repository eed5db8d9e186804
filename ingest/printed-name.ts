/** Names of places and areas, which stand in maps and tables of every report. */

/** What is wanted of a name, for messages. */
export const PRINTED_NAME = 'up to 120 characters on one line, without control characters';

/** Whether a name can be printed: control characters, halves of a letter and those that turn the direction of writing cannot. */
export const isPrintedName = (name: string): boolean =>
  name.trim() !== '' && name.length <= 120 && !/[\p{Cc}\p{Cs}\p{Bidi_Control}\u2028\u2029]/u.test(name);
