/** Which policy a figure stands by: that of the year it is about, which need not be that of the report. */
import { forPlaces, type Policy } from '../../schemas/policy.ts';
import type { BoardContent, SummaryContent } from './content.ts';
import { quarterOfRows } from './periods.ts';

type Rules = Pick<SummaryContent, 'policy' | 'earlierPolicies'>;

/** The policy that figures of a period stand by. */
export function rulesIn({ policy, earlierPolicies }: Rules, period: string): Policy {
  return earlierPolicies?.get(Number(period.slice(0, 4))) ?? policy;
}

/** The policy of the twelve months by place, with the thresholds that hold for places. */
export function rulesOfPlaces(content: Rules & Pick<BoardContent, 'period'> & Partial<BoardContent>): Policy {
  return forPlaces(rulesIn(content, quarterOfRows(content)));
}

/** The policy as files name it: with those of earlier years, where figures of theirs stand by others. */
export function namedRules({ policy, earlierPolicies }: Rules): object {
  return earlierPolicies?.size ? { ...policy, earlierYears: Object.fromEntries(earlierPolicies) } : policy;
}
