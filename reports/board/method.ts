/** The pages on method: what the figures promise, what they leave out, and the words used. */
import type { ReportContent } from './content.ts';
import { monthRuns } from './cube.ts';
import type { Block, Table } from './document.ts';
import { isQuarter, monthsBetween, rangeInWords } from './periods.ts';
import { standsOutWords } from './places.ts';
import { rulesOfPlaces } from './rules.ts';
import { cleanText, figureText, listText, sentence } from './words.ts';

/** Sources and the months that they cover. */
export function coverageTable(content: ReportContent): Table {
  return {
    title: 'Sources and months covered',
    columns: [
      { title: 'Source', align: 'left' },
      { title: 'Counts', align: 'left' },
      { title: 'Months released', align: 'left' },
    ],
    rows: content.sources.map((source) => {
      const stretches: { first: string; last: string }[] = [];
      for (const { first, last } of monthRuns(content.released, source.id)) {
        const before = stretches.at(-1);
        if (before && monthsBetween(before.last, first).length <= 2) before.last = last;
        else stretches.push({ first, last });
      }
      const months = stretches.map(({ first, last }) => rangeInWords(first, last)).join('; ') || 'none yet';
      const name = sentence(cleanText(source.name));
      const kind = name.toLowerCase().includes(source.kind) ? '' : ` (${source.kind})`;
      return { cells: [name + kind, source.unit, months] };
    }),
  };
}

/** How to read the figures: the same words in both reports. */
export function methodBlocks(content: ReportContent, tier: 'board' | 'public'): Block[] {
  const places = tier === 'board' && isQuarter(content.period);
  const { policy } = content;
  const k = policy.threshold;
  const ofPlaces = rulesOfPlaces(content).partnershipThreshold;
  const base = policy.base;
  const additive = policy.rounding === 'additive';
  const low = 9 * base - (additive ? base - 1 : Math.floor(base / 2));
  const example = { value: 9 * base, low, high: low + (additive ? 2 * base - 2 : base - 1) };
  const terms = glossary(tier, places, content.rows && standsOutWords(content.standsOut));
  const notes = plainNotes(content.notes.map(cleanText));
  return [
    { kind: 'heading', text: 'Method and limits' },
    {
      kind: 'pair',
      left: [
        { kind: 'subheading', text: 'What a figure promises' },
        {
          kind: 'points',
          items: [
            additive
              ? 'Smaller figures are held together, or shown together with a neighbour; a chart or table then says “too few to show”.'
              : `From 1 to ${k - 1} is shown as * in the tables; a chart or list then says “too few to show”.`,
            `Interval: ${figureText(example)} means that the true number is promised to be from ${example.low} to ${example.high}. An interval is promised, not a probability: the numbers within it need not be equally likely.`,
            ...(places
              ? [
                  `Bands: the map and the list count twelve months, in bands from ${ofPlaces} up: at least ${ofPlaces} records and, where persons are known, ${ofPlaces} persons. A cell that is not shaded may have had none, or fewer than ${ofPlaces}, or be counted with its area. “At least” adds the lower ends of all bands shown in the area.`,
                ]
              : []),
            'Shares are computed from rounded figures and given to 5 points.',
          ],
        },
        { kind: 'subheading', text: 'The policy in force' },
        { kind: 'points', items: content.policyLines.map(cleanText) },
      ],
      right: [
        { kind: 'subheading', text: 'What is not shown, and why' },
        {
          kind: 'points',
          items: [
            'Single incidents, exact dates and hours: date, hour and cell together would point at one person.',
            'Homes and private places on any map or list; they count in the figures of the whole area.',
            'Places by month, and what happened crossed with where: too small to be safe.',
            'A sum of the sources: one incident may be known to several of them, or to none.',
          ],
        },
        { kind: 'subheading', text: 'What the figures cannot say' },
        {
          kind: 'points',
          items: [
            'Records are not all violence: many people seek no treatment, and many do not tell the police. A rise can be more violence or better recording.',
            'Limits of usual variation (XmR chart) come from the released, rounded months. A ringed month is a reason to ask, not an explanation.',
            'A 95% interval of a change allows for chance and rounding, not for changes in recording.',
            ...(places
              ? [
                  `“Stands out” means more ${standsOutWords(content.rows && content.standsOut)}. “Strong” and “likely” allow for testing many cells (false discovery rate of 1% and 5%).`,
                ]
              : []),
          ],
        },
        ...(notes.length > 0
          ? ([
              { kind: 'subheading', text: 'Notes' },
              { kind: 'points', items: notes },
            ] satisfies Block[])
          : []),
      ],
    },
    ...(tier === 'board' ? ([{ kind: 'table', table: coverageTable(content) }] satisfies Block[]) : []),
    { kind: 'subheading', text: 'Words' },
    {
      kind: 'pair',
      left: [{ kind: 'terms', items: terms.slice(0, Math.ceil(terms.length / 2)) }],
      right: [{ kind: 'terms', items: terms.slice(Math.ceil(terms.length / 2)) }],
    },
  ];
}

const HOW_SHOWN = /^(.+): Partition: (.+), expected from (.+)\.$/;

/** How the geography was chosen is noted once a source: said in plain words, and once where it is the same of all. */
function plainNotes(notes: string[]): string[] {
  const sources = new Map<string, string[]>();
  for (const note of notes) {
    const [, source, shown, basis] = HOW_SHOWN.exec(note) ?? [];
    if (source === undefined) continue;
    const words = `The figures of a quarter by place are shown by ${shown}, chosen from ${basis} so that most of them can be shown`;
    sources.set(words, [...(sources.get(words) ?? []), source]);
  }
  const told = [...sources].map(([words, names]) =>
    sources.size === 1 ? `${words}.` : `${words} (${listText(names)}).`,
  );
  return [...told, ...notes.filter((note) => !HOW_SHOWN.test(note))];
}

function glossary(tier: 'board' | 'public', places: boolean, standsOut: string | undefined) {
  const terms = [
    {
      term: 'Record',
      text: 'one attendance at an emergency department after an assault, one offence recorded by police, or one call to an ambulance after an assault.',
    },
    {
      term: 'Cell',
      text: 'a hexagon of about 0.1 km², some 350 m across, of a grid laid over the whole area.',
    },
    {
      term: 'Named area',
      text: 'a ward, beat or other area that the partnership agreed. A cell belongs to the one that holds its centre. A row “Elsewhere in” it counts what has no row of its own there.',
    },
  ];
  if (tier === 'public') return terms;
  const ofTables = [
    {
      term: 'Pool',
      text: 'in the tables that come with this report: everything of a breakdown that is too small to be shown by itself or with what is around it, and what is not known.',
    },
    { term: 'Time of day', text: 'local time. A night belongs to the day on which it began.' },
  ];
  const ofPlaces = [
    { term: 'Band', text: 'the range in which a number lies, such as 10–19.' },
    ...(standsOut ? [{ term: 'Stands out', text: `more ${standsOut}.` }] : []),
  ];
  return [...terms, ...ofTables, ...(places ? ofPlaces : [])];
}
