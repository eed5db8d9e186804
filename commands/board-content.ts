/** What the reports of a period are made of, and its manifest. */
import type { BoardContent } from '../reports/board/content.ts';
import type { ProofContent } from '../reports/board/proof-document.ts';
import { namedRules } from '../reports/board/rules.ts';
import { measureUtility } from '../reports/disclosure/utility.ts';
import { forPlaces, type Policy } from '../schemas/policy.ts';
import type { Plan } from '../schemas/register.ts';
import type { SourceSettings } from '../schemas/settings.ts';
import { cellBoundary, cellCentre, cellText, textToCell } from '../transform/h3-cell.ts';
import { isQuarter } from './coverage.ts';
import type { Geography, Partnership } from './partnership.ts';
import type { ProtectedRows } from './protect-period.ts';
import type { FrozenAudit } from './release-record.ts';
import type { Retraction } from './retract.ts';
import { profileOf } from './source-profile.ts';

/** What board and summary are drawn from: protected rows, public geography and words. */
export function boardContent(
  { settings, places }: Partnership,
  geography: Geography,
  period: string,
  draft: boolean,
  sources: readonly SourceSettings[],
  { released, partnership, policy, earlierPolicies, notes }: ProtectedRows,
): BoardContent {
  const placeById = new Map(places.map((place) => [place.id, place]));
  return {
    partnership: settings.partnership,
    period,
    draft,
    policy,
    earlierPolicies,
    policyLines: [
      ...policyLines(policy, settings.geography.addresses !== 'not supplied'),
      ...[...earlierPolicies].map(
        ([year, { name }]) =>
          `Figures of ${year} stand by the policy ${name}, which held then: each for the numbers printed with it.`,
      ),
    ],
    sources: sources.map((source) => ({
      id: source.id,
      name: source.name,
      kind: profileOf(source, { settings }).kind,
      unit: 'records',
    })),
    standsOut: geography.exposure ? 'people about' : 'elsewhere',
    released,
    rows: partnership,
    geography: {
      outline: geography.outline,
      areas: geography.areas.map(({ code, name, population, polygons }) => ({
        code,
        name,
        rings: polygons,
        ...(population !== null && { population }),
      })),
      cellBoundary: (cell) => cellBoundary(textToCell(cell)),
      cellCentre: (cell) => {
        const { lat, lng } = cellCentre(textToCell(cell));
        return [lng, lat];
      },
      place: (id) => {
        const place = placeById.get(id);
        return place && { at: [place.lng, place.lat], cell: cellText(place.cell) };
      },
    },
    notes: [...notes],
  };
}

/** The policy in force, in sentences. */
function policyLines(policy: Policy, addresses: boolean): string[] {
  const ofPlaces = forPlaces(policy).partnershipThreshold;
  return [
    ...ruleLines(policy),
    `For the partnership, places over twelve months are shown from ${ofPlaces} records and, where persons are known, ${ofPlaces} persons, in bands.`,
    addresses
      ? `A cell is shown by itself only where it holds at least ${policy.minAddresses} postal addresses, or none.`
      : `No postal addresses were supplied, so the rule of ${policy.minAddresses} addresses a cell is not applied.`,
  ];
}

function ruleLines({ name, rounding, threshold, base, sexualOffencesByPlace: from }: Policy): string[] {
  const least = `${threshold} records and, where persons are known, ${threshold} persons`;
  const rules =
    rounding === 'additive'
      ? [
          `Policy ${name}: a number is shown only where it stands for at least ${least}.`,
          `Shown numbers are multiples of ${base} and add up exactly; each stands for a range of true numbers printed with it.`,
        ]
      : [
          `Policy ${name}: fewer than ${least} are shown as * in the tables, and none as 0.`,
          `Other numbers are rounded to the nearest ${base}, each by itself, and a total is the sum of what is shown. The narrowest interval is of ${base} true numbers, but for 0, which is shown as it is: a release in which the audit finds a narrower one is refused.`,
        ];
  return [
    ...rules,
    from === 'never'
      ? 'What a source records as a sexual offence takes part in no figure.'
      : `What a source records as a sexual offence is counted; figures by place are shown from ${from} records and, where persons are known, ${from} persons.`,
  ];
}

/** What the manifest says beside the list of files: nothing in it is an exact count. */
export function manifest(
  content: BoardContent,
  { released, notes }: ProtectedRows,
  sources: readonly SourceSettings[],
  absent: readonly string[],
  previous: string | null,
  plan: Plan,
  retractions: readonly Retraction[],
): object {
  const { period, partnership, draft, geography } = content;
  return {
    release: `${draft ? 'draft of ' : ''}${period}`,
    period,
    partnership,
    tiers: { partnership: ['board.pdf', 'board.html', 'tables/'], released: ['public/'] },
    policy: namedRules(content),
    plan: { ...plan, policy: plan.policy.name },
    sources: sources.map(({ id, name }) => ({
      id,
      name,
      utility: isQuarter(period) ? measureUtility(released, id, period) : null,
    })),
    areas: geography.areas.map(({ code, name }) => ({ code, name })),
    without: absent,
    notes,
    retractions,
    previous,
  };
}

/** What the proof sheet is made of. */
export function proofContent(
  { partnership, period, draft, policy, policyLines, sources, released }: BoardContent,
  { cuts }: Plan,
  { report, recipients }: FrozenAudit,
): ProofContent {
  return {
    partnership,
    period,
    draft,
    policy,
    policyLines,
    cuts,
    sources: sources.map(({ id, name }) => ({
      id,
      name,
      utility: isQuarter(period) ? measureUtility(released, id, period) : null,
    })),
    report,
    recipients,
  };
}
