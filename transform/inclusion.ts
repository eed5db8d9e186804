/** Which records count: assaults only, and each of them once. */
import { COUNTS, type InclusionRule, type Profile } from '../schemas/profile.ts';
import { type CodeTable, createCodeTable, createDatedCodes, type DatedCodes, NO_CODE } from './codes.ts';

/** The rule of one field, ready to be looked up. Outcomes are places in `reasons`; 0 is that the record counts. */
export interface InclusionCheck {
  readonly column: number;
  readonly header: string;
  readonly table: CodeTable;
  /** Where the partnership's list is in force; what it does not hold is looked up in `table`. */
  readonly dated: DatedCodes | undefined;
  readonly reasons: readonly string[];
  readonly missing: number;
  readonly unlisted: number;
}

/** The rules of a profile in the order of its fields. */
export function createInclusionRules(profile: Profile): InclusionCheck[] {
  return Object.keys(profile.fields).flatMap((field, column) => {
    const rule = profile.inclusion[field];
    const decision = profile.fields[field];
    return rule && decision ? [createCheck(rule, profile.codeLists?.[field], column, decision.header)] : [];
  });
}

function createCheck(
  rule: InclusionRule,
  list: NonNullable<Profile['codeLists']>[string] | undefined,
  column: number,
  header: string,
): InclusionCheck {
  const listed = list?.map(({ value }) => value) ?? [];
  const reasons = [
    ...new Set([COUNTS, ...Object.values(rule.codes), rule.missing, rule.unlisted, ...listed]),
  ];
  const outcome = (word: string) => reasons.indexOf(word);
  return {
    column,
    header,
    table: createCodeTable(
      Object.fromEntries(Object.entries(rule.codes).map(([code, word]) => [code, outcome(word)])),
    ),
    dated: list && createDatedCodes(list.map((code) => ({ ...code, value: outcome(code.value) }))),
    reasons,
    missing: outcome(rule.missing),
    unlisted: outcome(rule.unlisted),
  };
}

/** The outcome of a code that was looked up: its own, or that of a value that is missing or not listed. */
export const outcomeOf = ({ missing, unlisted }: InclusionCheck, code: number): number =>
  code >= 0 ? code : code === NO_CODE ? missing : unlisted;
