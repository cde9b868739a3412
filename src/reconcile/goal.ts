import type { Leaving } from './leaving.ts';
import type { PodView } from './pod-view.ts';
import type { TagView } from './tag-view.ts';

/** Who should own a tag, and why if that is not who owns it. */
export interface Goal {
  tag: TagView;
  owner: PodView | undefined;
  /** Why the tag should change its owner; undefined if it should not, or has none. */
  move: Leaving | undefined;
  /** Why a wish of the user's cannot be met. */
  refused: { to: string; why: string } | undefined;
}

/** Pods by what may be given to them. */
export interface Places {
  leaving: ReadonlyMap<string, Leaving>;
  /** Voters that stay, ready or not. */
  eligible: readonly PodView[];
  /** Those of them that are ready. */
  receivers: readonly PodView[];
}
