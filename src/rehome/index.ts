export {
  createJob,
  isHome,
  legsAway,
  type LegPhase,
  type LegWork,
  type NewOwner,
  type RehomeJob,
} from './job.ts';
export { next, refusesPeer } from './next.ts';
export type { RehomeEffect, RehomeRequest } from './effect.ts';
export type { RehomeEvent } from './event.ts';
export type { RehomeMethod, RehomePolicy } from './policy.ts';
export { Pacing, type PacedLeg, type PacingPolicy } from './pacing.ts';
