/** What the reports of a period are made of, and its manifest. */
import type { BoardContent } from '../reports/board/content.ts';
import { measureUtility } from '../reports/disclosure/utility.ts';
import { POLICIES, type Policy } from '../schemas/policy.ts';
import { CUTS } from '../schemas/released.ts';
import type { SourceSettings } from '../schemas/settings.ts';
import { cellBoundary, cellCentre, cellText, textToCell } from '../transform/h3-cell.ts';
import { isQuarter } from './coverage.ts';
import type { Geography, Partnership } from './partnership.ts';
import type { ProtectedRows } from './protect-period.ts';
import { profileOf } from './source-profile.ts';

/** What board and summary are drawn from: protected rows, public geography and words. */
export function boardContent(
  { settings, places }: Partnership,
  geography: Geography,
  period: string,
  draft: boolean,
  sources: readonly SourceSettings[],
  { released, partnership, notes }: ProtectedRows,
): BoardContent {
  const policy = POLICIES[settings.disclosure.policy] as Policy;
  const placeById = new Map(places.map((place) => [place.id, place]));
  return {
    partnership: settings.partnership,
    period,
    draft,
    policy,
    policyLines: policyLines(policy, settings.geography.addresses !== 'not supplied'),
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
  return [
    `Policy ${policy.name}: a number is shown only where it stands for at least ${policy.threshold} records and, where persons are known, ${policy.threshold} persons.`,
    `Shown numbers are multiples of ${policy.base} and add up exactly; each stands for a range of true numbers printed with it.`,
    `For the partnership, places over twelve months are shown from ${policy.partnershipThreshold} records and, where persons are known, ${policy.partnershipThreshold} persons, in bands.`,
    addresses
      ? `A cell is shown by itself only where it holds at least ${policy.minAddresses} postal addresses, or none.`
      : `No postal addresses were supplied, so the rule of ${policy.minAddresses} addresses a cell is not applied.`,
  ];
}

/** What the manifest says beside the list of files: nothing in it is an exact count. */
export function manifest(
  { period, policy, partnership, draft }: BoardContent,
  { released, notes }: ProtectedRows,
  sources: readonly SourceSettings[],
  absent: readonly string[],
  previous: string | null,
): object {
  return {
    release: `${draft ? 'draft of ' : ''}${period}`,
    period,
    partnership,
    tiers: { partnership: ['board.pdf', 'board.html', 'tables/'], released: ['public/'] },
    policy,
    plan: { cuts: CUTS, partnership: 'places over twelve months, by quarter' },
    sources: sources.map(({ id, name }) => ({
      id,
      name,
      utility: isQuarter(period) ? measureUtility(released, id, period) : null,
    })),
    without: absent,
    notes,
    previous,
  };
}
