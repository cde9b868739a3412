import type { Condition } from '../api/object-type.ts';
import type { ClusterConditionType, ConditionReason, ShardConditionType } from '../api/reasons.ts';

/** What a condition says now. */
export interface Finding {
  type: ClusterConditionType | ShardConditionType;
  status: Condition['status'];
  reason: ConditionReason;
  message: string;
}

/** The conditions of an object; each keeps the time of its last transition while its status stays. */
export function conditionsOf(
  findings: readonly Finding[],
  before: readonly Condition[] | undefined,
  observedGeneration: number,
  nowMs: number,
): Condition[] {
  return findings.map((finding) => {
    const former = before?.find((each) => each.type === finding.type);
    const lastTransitionTime =
      former?.status === finding.status ? former.lastTransitionTime : new Date(nowMs).toISOString();
    return { ...finding, observedGeneration, lastTransitionTime };
  });
}

/** The condition of that type; undefined if there is none. */
export function conditionIn(
  conditions: readonly Condition[] | undefined,
  type: Finding['type'],
): Condition | undefined {
  return conditions?.find((each) => each.type === type);
}
