const DIGITS = 2;

/** The tags of a cluster that gives only their number: `<cluster>-NN`; more of them leave the names of the first as they are. */
export function numberedTags(cluster: string, count: number): readonly string[] {
  return Array.from({ length: count }, (_, index) => `${cluster}-${String(index).padStart(DIGITS, '0')}`);
}
