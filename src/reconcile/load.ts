import type { PodView } from './pod-view.ts';
import type { World } from './world.ts';

/** Dialogs of the tags that a pod owns. */
export function dialogsOn(pod: PodView, { tags }: World): number {
  return tags.reduce((sum, tag) => (tag.owner === pod ? sum + tag.dialogs : sum), 0);
}

/** Number of tags that a pod owns. */
export function tagsOn(pod: PodView, { tags }: World): number {
  return tags.filter((tag) => tag.owner === pod).length;
}
