import { hashText } from './digest.ts';

/** The pods in the order in which they are asked to hold `tag`: the same on every pod, and a pod more or less moves few tags. */
export function ringOrder(tag: string, pods: readonly string[]): string[] {
  const weight = new Map(pods.map((pod) => [pod, hashText(`${tag}\n${pod}`)]));
  return [...pods].sort((a, b) => (weight.get(b) ?? 0) - (weight.get(a) ?? 0) || (a < b ? -1 : 1));
}

/** Which pod should own each tag at first: the one named first, else by turns, so that no pod has two more than another. */
export function placeTags(
  tags: readonly { tag: string; placement?: readonly string[] | undefined }[],
  pods: readonly string[],
): Map<string, string> {
  const placed = new Map<string, string>();
  const load = new Map(pods.map((pod) => [pod, 0]));
  const place = (tag: string, pod: string): void => {
    placed.set(tag, pod);
    load.set(pod, (load.get(pod) ?? 0) + 1);
  };
  for (const { tag, placement } of tags) {
    const pod = placement?.[0];
    if (pod !== undefined && load.has(pod)) place(tag, pod);
  }
  const names = tags.map(({ tag }) => tag).sort();
  for (const tag of names.filter((tag) => !placed.has(tag))) {
    const least = Math.min(...load.values());
    const pod = ringOrder(tag, pods).find((candidate) => load.get(candidate) === least);
    if (pod !== undefined) place(tag, pod);
  }
  return placed;
}
