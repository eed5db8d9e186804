/** What the reports are made of: protected rows, public geography and words. Nothing here is an exact count. */
import type { Policy } from '../../schemas/policy.ts';
import type { SourceKind } from '../../schemas/profile.ts';
import type { PartnershipRow, Released, ReleasedRow } from '../../schemas/released.ts';
import type { Position, Rings } from '../../transform/h3-cell.ts';

/** A named part of the agreed area; `rings` are the coordinates of a GeoJSON Polygon or MultiPolygon. */
export interface NamedArea {
  code: string;
  name: string;
  population?: number;
  rings: Rings;
}

/** The maps' geometry. Cells are named by H3's hexadecimal text, as in the atoms of rows. */
export interface BoardGeography {
  outline: Rings;
  areas: NamedArea[];
  /** The corners of a cell, in degrees. */
  cellBoundary: (cell: string) => Position[];
  /** The centre of a cell, in degrees; it decides which named area the cell belongs to. */
  cellCentre: (cell: string) => Position;
  /** Where a named public place is, and its cell; without it places are listed and not drawn. */
  place?: (id: string) => { at: Position; cell: string } | undefined;
}

/** `unit` says what one of the source's figures counts, in the plural: "records" or "persons". */
export interface BoardSource {
  id: string;
  name: string;
  kind: SourceKind;
  unit: string;
}

/** Everything that the public summary is made from: released rows alone. */
export interface SummaryContent {
  partnership: string;
  /** The month ('2025-09') or the quarter ('2025-Q3') reported on. */
  period: string;
  draft: boolean;
  policy: Policy;
  /** What held in the years of earlier figures, by year: those alone that had other rules. */
  earlierPolicies?: ReadonlyMap<number, Policy>;
  /** The policy in sentences, for the page on method. */
  policyLines: string[];
  sources: BoardSource[];
  /** All frozen periods to date, of all sources. */
  released: Released<ReleasedRow>[];
  geography: BoardGeography;
  /** Remarks of the people who made the report; they are printed as they are. */
  notes: string[];
  /** The rows of the partnership tier are never part of a public summary. */
  rows?: never;
}

/** Everything that the board's report is made from. */
export interface BoardContent extends Omit<SummaryContent, 'rows'> {
  /** The twelve months to the end of the quarter reported on; empty for a month. */
  rows: Released<PartnershipRow>[];
  /** What places that stand out were compared with: the people about there, or, when absent, the rest of the area. */
  standsOut?: StandsOut;
}

export type StandsOut = 'people about' | 'elsewhere';

/** What both reports know. */
export type ReportContent = SummaryContent | BoardContent;
