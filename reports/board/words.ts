/** How figures and names are written, the same in the PDF and on the page. */

/** A protected figure: the true number is promised to be between low and high. */
export interface Figure {
  value: number;
  low: number;
  high: number;
}

/** '1,240', whatever the machine's locale. */
export function numberText(value: number): string {
  return String(value).replace(/\B(?=(\d{3})+$)/g, ',');
}

/** '45 [41–49]', or the number alone where it is published as it is. */
export function figureText(figure: Figure): string {
  return figure.low === figure.high
    ? numberText(figure.value)
    : `${numberText(figure.value)} ${rangeText(figure)}`;
}

/** '[41–49]'. */
export function rangeText({ low, high }: Figure): string {
  return `[${numberText(low)}–${numberText(high)}]`;
}

/** '40+' or '10–19': a band as printed. */
export function bandText(band: string): string {
  return band.replace('-', '–');
}

/** 'a, b and c'. */
export function listText(items: string[]): string {
  if (items.length < 2) return items.join('');
  return `${items.slice(0, -1).join(', ')} and ${items.at(-1)}`;
}

/** 'a, b or c'. */
export function orText(items: string[]): string {
  if (items.length < 2) return items.join('');
  return `${items.slice(0, -1).join(', ')} or ${items.at(-1)}`;
}

/**
 * The labels of what is highest, counted per `per` where that is given: the first, and all that its interval does not
 * tell apart from it.
 */
export function highestOf(items: { label: string; figure: Figure; per?: number | undefined }[]): string[] {
  const sorted = items
    .map(({ label, figure: { value, low, high }, per = 1 }) => ({
      label,
      value: value / per,
      low: low / per,
      high: high / per,
    }))
    .toSorted((a, b) => b.value - a.value);
  const [first] = sorted;
  return first ? sorted.filter(({ high }) => high >= first.low).map(({ label }) => label) : [];
}

/** '1 cell', '2 cells'. */
export function countText(n: number, one: string, many: string): string {
  return `${numberText(n)} ${n === 1 ? one : many}`;
}

/** The first letter large. */
export function sentence(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

/**
 * Text of people's making, fit to print: no control characters, no marks that turn the direction of what follows,
 * no unpaired surrogates, one space between words, and no longer than a line can bear.
 */
export function cleanText(text: string): string {
  const printable = text
    .toWellFormed()
    .replace(/[\p{Cc}\p{Zl}\p{Zp}]/gu, ' ')
    .replace(/[\p{Cf}\p{Co}\p{Cn}]/gu, '')
    .replace(/\s+/g, ' ')
    .trim();
  return printable.length > 400 ? `${[...printable].slice(0, 399).join('')}…` : printable;
}

/** At most `length` characters, the rest given up to an ellipsis. */
export function shorten(text: string, length: number): string {
  const letters = [...text];
  return letters.length <= length
    ? text
    : `${letters
        .slice(0, length - 1)
        .join('')
        .trimEnd()}…`;
}
