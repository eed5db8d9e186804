/** SVG as text. Names and attributes come from code, values and contents from anywhere: those are escaped here. */

/** Finished markup, made by `tag` and `text` alone, so that a bare string cannot take its place. */
export interface Markup {
  readonly markup: string;
}

type Value = string | number | undefined;

/** HTML takes '<p/>' for an open '<p>': only these are closed in short. */
const CHILDLESS = new Set(['meta', 'input']);

/** An element. Numbers are written to a tenth; an attribute that is undefined is left out. */
export function tag(name: string, attributes: Record<string, Value>, ...children: Markup[]): Markup {
  const written = Object.entries(attributes)
    .filter(([, value]) => value !== undefined)
    .map(
      ([key, value]) => ` ${key}="${escapeMarkup(typeof value === 'number' ? tenth(value) : (value ?? ''))}"`,
    )
    .join('');
  if (CHILDLESS.has(name)) return { markup: `<${name}${written}/>` };
  return { markup: `<${name}${written}>${children.map((child) => child.markup).join('')}</${name}>` };
}

/** The text inside an element. */
export function text(content: string): Markup {
  return { markup: escapeMarkup(content) };
}

/** One line of text at a point. */
export function label(x: number, y: number, content: string, attributes: Record<string, Value> = {}): Markup {
  return tag('text', { x, y, ...attributes }, text(content));
}

/** A whole drawing of the given size in points. */
export function drawing(
  width: number,
  height: number,
  attributes: Record<string, Value>,
  ...children: Markup[]
): string {
  return tag(
    'svg',
    {
      xmlns: 'http://www.w3.org/2000/svg',
      viewBox: `0 0 ${tenth(width)} ${tenth(height)}`,
      width,
      height,
      'font-family': FONT,
      'font-size': 7.5,
      fill: INK,
      ...attributes,
    },
    ...children,
  ).markup;
}

/** A path of straight lines through the points, closed where asked. */
export function path(points: readonly (readonly [number, number])[], end: '' | 'Z' = ''): string {
  return points.map(([x, y], i) => `${i === 0 ? 'M' : 'L'}${tenth(x)} ${tenth(y)}`).join('') + end;
}

/** Text safe inside an element or a quoted attribute, of XML and of HTML. */
export function escapeMarkup(value: string): string {
  return value
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
    .replaceAll("'", '&#39;');
}

/** A coordinate to a tenth of a point: finer is invisible, and makes files large. */
export function tenth(value: number): string {
  return String(Math.round(value * 10) / 10 + 0);
}

export const FONT = 'Source Sans 3';
export const INK = '#1b2733';
export const MUTED = '#56616c';
export const RULE = '#c9d0d6';

/** One hue, evenly darker, told apart in grey and by the colour-blind; from the lowest band to the highest. */
export const BAND_FILLS = ['#d6e4f1', '#96bcdd', '#4a88bd', '#0f4378'];

/** A source's colour. The two that stand beside each other differ in lightness as well. */
export const SOURCE_COLOURS = {
  'emergency department': '#1f5f99',
  police: '#d9973f',
  ambulance: '#5f7f3f',
  'police.uk': '#7b8794',
} as const;
