import type { PlaceKind } from '../../schemas/incident.ts';
import type { Rhythm } from './hours.ts';

/** What places of a class have in common: `people` and `capacity` are the ends of a range. */
export type PlaceClass = {
  readonly kind: PlaceKind;
  readonly rhythm: Rhythm;
  readonly people: readonly [number, number];
  readonly capacity: readonly [number, number] | null;
  /** Words a receptionist may add after the name. */
  readonly suffixes: readonly string[];
};

export const CLASSES = {
  club: {
    kind: 'licensed',
    rhythm: 'night',
    people: [1500, 3000],
    capacity: [250, 900],
    suffixes: ['nightclub', 'club', 'night club'],
  },
  bar: {
    kind: 'licensed',
    rhythm: 'night',
    people: [600, 1300],
    capacity: [80, 260],
    suffixes: ['bar', '(bar)'],
  },
  pub: {
    kind: 'licensed',
    rhythm: 'night',
    people: [400, 900],
    capacity: [60, 220],
    suffixes: ['pub', 'p.h.', 'public house'],
  },
  takeaway: {
    kind: 'shop',
    rhythm: 'night',
    people: [300, 600],
    capacity: [10, 40],
    suffixes: ['takeaway', 't/away', 'queue'],
  },
  clubStreet: {
    kind: 'street',
    rhythm: 'night',
    people: [3000, 4500],
    capacity: null,
    suffixes: ['', 'top end', 'by the cashpoint'],
  },
  shopStreet: {
    kind: 'street',
    rhythm: 'street',
    people: [1500, 2500],
    capacity: null,
    suffixes: ['', 'by the crossing', 'bus stop'],
  },
  street: {
    kind: 'street',
    rhythm: 'street',
    people: [80, 300],
    capacity: null,
    suffixes: ['', 'bottom end', 'by the shop'],
  },
  precinct: {
    kind: 'shop',
    rhythm: 'day',
    people: [1200, 2400],
    capacity: null,
    suffixes: ['shops', 'car park', ''],
  },
  shop: { kind: 'shop', rhythm: 'day', people: [250, 600], capacity: null, suffixes: ['shop', 'store', ''] },
  transport: {
    kind: 'transport',
    rhythm: 'transport',
    people: [700, 2200],
    capacity: null,
    suffixes: ['', 'platform', 'ticket hall'],
  },
  school: {
    kind: 'school',
    rhythm: 'school',
    people: [150, 350],
    capacity: null,
    suffixes: ['playground', 'gates', ''],
  },
  park: {
    kind: 'park',
    rhythm: 'open',
    people: [200, 500],
    capacity: null,
    suffixes: ['', 'bandstand', 'by the swings'],
  },
  work: { kind: 'work', rhythm: 'day', people: [150, 400], capacity: null, suffixes: ['', '(work)', 'yard'] },
  public: {
    kind: 'public',
    rhythm: 'open',
    people: [300, 800],
    capacity: null,
    suffixes: ['', 'steps', 'entrance'],
  },
  arena: {
    kind: 'public',
    rhythm: 'day',
    people: [600, 1200],
    capacity: [4000, 14000],
    suffixes: ['', 'away end', 'turnstiles'],
  },
} satisfies Record<string, PlaceClass>;
export type ClassName = keyof typeof CLASSES;
