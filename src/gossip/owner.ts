/** One term of ownership: epoch `epoch` of a tag belongs to this process, (pod, boot id), and to no other, ever. */
export interface Owner {
  epoch: number;
  pod: string;
  boot: string;
}

/** Why a tag is claimed (OWNERSHIP 3). */
export type ClaimReason = 'dead' | 'handover' | 'renew' | 'vacant';

/** Whether two terms are the same one. */
export function sameOwner(a: Owner | undefined, b: Owner | undefined): boolean {
  return a === b || (a?.epoch === b?.epoch && a?.pod === b?.pod && a?.boot === b?.boot);
}
