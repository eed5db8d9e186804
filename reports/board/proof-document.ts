/**
 * public/proof.pdf as data: two pages for whoever has to agree to a release. It is public, so that it names nothing of
 * the partnership's own tier and gives no number of it but in tens.
 */
import { forPlaces, type Policy } from '../../schemas/policy.ts';
import type { Cut } from '../../schemas/released.ts';
import type { AttackResult, AuditedTier, AuditReport } from '../audit/report.ts';
import type { Utility } from '../disclosure/utility.ts';
import { DRAFT_MARKING } from './board-document.ts';
import type { Block, ReportDocument, Table } from './document.ts';
import { lastDay, periodInWords } from './periods.ts';
import { PUBLIC_MARKING } from './summary-document.ts';
import { cleanText, countText, listText, numberText, sentence, shorten } from './words.ts';

/** Who was due something of the release when it was frozen. */
export interface Recipient {
  readonly name: string;
  readonly tier: 'released' | 'partnership' | 'operational' | 'analyst';
  readonly sources: readonly string[];
  readonly cuts: readonly Cut[];
  readonly expires: string;
}

export interface ProofContent {
  readonly partnership: string;
  readonly period: string;
  readonly draft: boolean;
  readonly policy: Policy;
  readonly policyLines: readonly string[];
  readonly cuts: readonly Cut[];
  /** Sources with their utility; null for a month, of which no places are released. */
  readonly sources: readonly {
    readonly id: string;
    readonly name: string;
    readonly utility: Utility | null;
  }[];
  readonly report: AuditReport;
  readonly recipients: readonly Recipient[];
}

/** Everything that proof.pdf says. */
export function proofDocument(content: ProofContent): ReportDocument {
  const { period, policy, report } = content;
  return {
    title: `Disclosure proof, ${periodInWords(period)}`,
    tier: 'public',
    policy: policy.name,
    partnership: cleanText(content.partnership),
    subtitle: periodInWords(period),
    marking: [PUBLIC_MARKING, ...(content.draft ? [DRAFT_MARKING] : [])],
    date: lastDay(period),
    messagesTitle: 'What this shows',
    messages: [
      {
        lead: 'The promise:',
        text: `nothing released lets anybody work out a number of people more closely than the range printed with it, whatever is added, subtracted or compared. A range is promised, not a probability.`,
      },
      verdict(report),
      ...(report.attacks.length === 0 ? [] : [attacked(report)]),
    ],
    maps: [],
    front: [
      { kind: 'table', table: tiersTable(content) },
      { kind: 'heading', text: 'The policy in force' },
      { kind: 'points', items: policyPoints(content) },
      { kind: 'table', table: recipientsTable(content) },
      { kind: 'newpage' },
      { kind: 'table', table: attacksTable(report) },
      ...utilityBlocks(content),
      { kind: 'heading', text: 'What remains, in plain words' },
      { kind: 'points', items: residualRisks(policy) },
      { kind: 'heading', text: 'How to check it' },
      {
        kind: 'points',
        items: [
          'manifest.json gives the size and SHA-256 of every file, the policy, and the hash of the release before it.',
          'The command “cardiff audit” reads released files alone, tries all of the above again, and names whatever it finds. Anybody who has the files can run it.',
          'The command “cardiff publish”, asked for a frozen period, makes the same bytes again or refuses.',
        ],
      },
    ],
    body: [],
    appendix: [],
  };
}

function attacked({ releases }: AuditReport): ReportDocument['messages'][number] {
  const earlier =
    releases > 1
      ? `the ${countText(releases - 1, 'release', 'releases')} before it`
      : 'nothing before it, since it is the first';
  return {
    lead: 'What was attacked:',
    text: `this release together with ${earlier}, as somebody would hold them who has collected every file. The program that attacks shares no code with the one that protects, and sees no record.`,
  };
}

function verdict({ attacks, leaks }: AuditReport): ReportDocument['messages'][number] {
  const tried = `${countText(attacks.length, 'attack', 'attacks')} on ${numberText(targetsOf(attacks))} targets`;
  const narrowest = narrowestOf(attacks);
  if (leaks.length > 0)
    return {
      lead: `${countText(leaks.length, 'leak', 'leaks')} found.`,
      text: `${sentence(tried)}. This release must not leave.`,
    };
  if (attacks.length === 0)
    return { lead: 'Nothing was tried.', text: 'This release has not been attacked.' };
  return {
    lead: 'No leak found:',
    text: `${tried}. ${
      narrowest
        ? `The narrowest interval that any of them could prove holds ${numberText(narrowest.width)} whole numbers, where the policy promises ${numberText(narrowest.nominal)}.`
        : 'None of them gave an interval.'
    }`,
  };
}

const SMALLEST_SHARE = (attack: AttackResult) =>
  attack.narrowest ? attack.narrowest.width / attack.narrowest.nominal : Number.POSITIVE_INFINITY;

/** The result that comes nearest to less than was promised; the narrower of those that are as near. */
function narrowestOf(attacks: readonly AttackResult[]) {
  const sorted = attacks
    .filter(({ narrowest }) => narrowest !== null)
    .toSorted(
      (a, b) =>
        SMALLEST_SHARE(a) - SMALLEST_SHARE(b) || (a.narrowest?.width ?? 0) - (b.narrowest?.width ?? 0),
    );
  return sorted[0]?.narrowest;
}

const targetsOf = (attacks: readonly AttackResult[]) =>
  attacks.reduce((sum, { tier, targets }) => sum + (tier === 'partnership' ? inTens(targets) : targets), 0);
const inTens = (n: number) => 10 * Math.round(n / 10);

const TIER_WORDS: Readonly<Record<AuditedTier, string>> = {
  released: 'released',
  public: 'public',
  partnership: 'partnership',
};

function attacksTable({ attacks }: AuditReport): Table {
  return {
    title: 'What was tried, at this partnership’s own volume',
    columns: [
      { title: 'Attack', align: 'left' },
      { title: 'Files of', align: 'left' },
      { title: 'Targets', align: 'right' },
      { title: 'Narrowest / promised', align: 'right' },
    ],
    rows: attacks.map(({ attack, tier, targets, narrowest }) => ({
      cells: [
        cleanText(attack),
        TIER_WORDS[tier],
        tier === 'partnership' ? `about ${numberText(inTens(targets))}` : numberText(targets),
        narrowest ? `${numberText(narrowest.width)} / ${numberText(narrowest.nominal)}` : 'no interval',
      ],
    })),
    note: 'Narrowest: how many whole numbers stay possible for the target that was narrowed most, beside how many the policy promises. Holders of the partnership’s files also hold the public ones; their targets are counted in tens.',
  };
}

function tiersTable({ policy }: ProofContent): Table {
  const ofPlaces = forPlaces(policy);
  return {
    title: 'Who may see what',
    wordy: true,
    columns: [
      { title: 'Tier', align: 'left' },
      { title: 'For', align: 'left' },
      { title: 'Holds', align: 'left' },
      { title: 'Never holds', align: 'left' },
    ],
    rows: [
      [
        'Released',
        'anyone',
        `counts from ${policy.threshold}, in ranges: the area by month; places${ofPlaces.threshold > policy.threshold ? ` (from ${ofPlaces.threshold})` : ''}, weapons, kinds of place and parts of the day by quarter`,
        'a number that is not in the tables, places by month',
      ],
      [
        'Partnership',
        'signatories',
        `places over twelve months from ${ofPlaces.partnershipThreshold}, in bands that hold for four quarters`,
        'homes, months of a place, schools by name',
      ],
      [
        'Operational',
        'one partner, one purpose, by an agreement that names it',
        `public places from ${policy.partnershipThreshold} records in twelve months: nights and parts of the day, weapons`,
        'dates, hours, homes, anything of a person',
      ],
      [
        'Analyst',
        'named analysts under an agreement',
        'incidents in public places, pseudonymised: personal data, handled as such',
        'homes, sexual offences, anything of a person, names, digests',
      ],
    ].map((cells) => ({ cells })),
    note: 'The promise above is about the first two tiers. Rows of the analyst tier single out nearly every incident, whatever is made coarser, and counts of the operational tier are exact: they rest on their agreements.',
  };
}

const CUT_WORDS: Readonly<Record<Cut, string>> = {
  month: 'months',
  place: 'places',
  weapon: 'weapons',
  place_kind: 'kinds of place',
  night_band: 'parts of the day',
  located: 'how many are located',
};

function policyPoints({ policy, policyLines, cuts, sources, report }: ProofContent): string[] {
  const widths = report.attacks.flatMap(({ narrowest }) => narrowest?.width ?? []);
  const found =
    widths.length > 0
      ? [
          `The narrowest interval of ${policy.name} that the attacks found here is of ${countText(Math.min(...widths), 'whole number', 'whole numbers')}${policy.rounding === 'nearest' ? ', but for 0, which is shown as it is' : ''}.`,
        ]
      : [];
  return [
    ...policyLines.map(cleanText),
    ...found,
    `Breakdowns, fixed before the first period of the year: ${listText(cuts.map((cut) => CUT_WORDS[cut]))}. Sources are never added together: ${listText(sources.map(({ name }) => cleanText(name)))}.`,
    'A period is frozen when it is first published. Records and corrections that come later change nothing that is out.',
  ];
}

const MOST_RECIPIENTS = 12;

function recipientsTable({ recipients, sources }: ProofContent): Table {
  const names = new Map(sources.map(({ id, name }) => [id, cleanText(name)]));
  const more = recipients.length - MOST_RECIPIENTS;
  return {
    title: 'Who received what',
    columns: [
      { title: 'Partner', align: 'left' },
      { title: 'Tier', align: 'left' },
      { title: 'Of', align: 'left' },
      { title: 'Until', align: 'left' },
    ],
    rows:
      recipients.length === 0
        ? [{ cells: ['No agreement was in force', '', '', ''] }]
        : recipients.slice(0, MOST_RECIPIENTS).map(({ name, tier, sources: own, expires }) => ({
            cells: [
              shorten(cleanText(name), 60),
              tier,
              listText(own.flatMap((id) => names.get(id) ?? [])),
              expires,
            ],
          })),
    note: `${more > 0 ? `${more} more are in the register. ` : ''}Every release, refusal and recipient is a line of a register in which each line holds the hash of the one before.`,
  };
}

function utilityBlocks({ sources, period }: ProofContent): Block[] {
  const known = sources.flatMap(({ name, utility }) => (utility ? [{ name, utility }] : []));
  if (known.length === 0) return [];
  const percent = (share: number | null) => (share === null ? '–' : `${share}%`);
  return [
    {
      kind: 'table',
      table: {
        title: `What is still seen: ${periodInWords(period)}, shares to 5 points`,
        columns: [
          { title: 'Source', align: 'left' },
          { title: 'In cells', align: 'right' },
          { title: 'In cells or named areas', align: 'right' },
          { title: 'Held in a pool', align: 'right' },
          { title: 'Located', align: 'right' },
          { title: 'Time shown', align: 'right' },
        ],
        rows: known.map(({ name, utility }) => ({
          cells: [
            sentence(cleanText(name)),
            percent(utility.cell),
            percent(utility.area),
            percent(utility.pool),
            percent(utility.located),
            percent(utility.timeKnown),
          ],
        })),
        note: 'The first three are shares of the records on the map; the last two of all records. Showing too little is a defect like showing too much.',
      },
    },
  ];
}

/** What no policy of this kind takes away. */
function residualRisks(policy: Policy): string[] {
  const { threshold, base, rounding } = policy;
  const { partnershipThreshold } = forPlaces(policy);
  // The smallest number that is ever shown, and the largest true one that it stands for.
  const least = Math.round(threshold / base) * base;
  const high = rounding === 'additive' ? least + base - 1 : least + Math.floor(base / 2);
  return [
    `A range is promised, not a probability. Somebody who sees twenty neighbouring blocks shown as ${least} each may think that most of them are exactly ${least}, and be right of many; none of them is proved to be.`,
    `${least} stands for ${threshold} to ${high}: that there were at least ${threshold} is certain. Whoever knows that somebody is among them learns that at least ${threshold - 1} others are.`,
    'Somebody who holds all records of a source, as a force holds its own, learns nothing new from them, and nothing here can be hidden from them. What they hold of one source is no help with another, which is rounded on its own.',
    `Bands of the partnership begin at ${partnershipThreshold}. They are for people who are bound by the agreement; whoever passes them on breaks it.`,
    'A label that a place stands out is computed from the records themselves, once a quarter, for places that are shown anyway.',
    'What is published elsewhere by others of the same records, by other areas or days, was not part of the attack unless it is named there.',
    'Wrong figures can be withdrawn and are then marked so. They cannot be taken back from those who have them.',
  ];
}
