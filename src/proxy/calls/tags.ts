import { tagHash } from '../../dialog/token.ts';

/** The group of tags that take any call. */
export const NO_GROUP = '';

/** A sharing tag and its group. */
export interface GroupedTag {
  tag: string;
  group: string;
}

/** The sharing tags that this pod knows, by their hash in tokens and by their group. */
export class Tags {
  /** A tag that is given up stays readable: its last calls still have tokens of it. */
  private readonly byHash = new Map<string, string>();
  private groups = new Map<string, string>();

  constructor(tags: readonly GroupedTag[]) {
    this.replace(tags);
  }

  /** From now on new calls get these. */
  replace(tags: readonly GroupedTag[]): void {
    this.groups = new Map(tags.map(({ tag, group }) => [tag, group]));
    for (const { tag } of tags) this.byHash.set(tagHash(tag), tag);
  }

  /** The tag with this hash; undefined if there never was one. */
  find(hash: string): string | undefined {
    return this.byHash.get(hash);
  }

  get all(): string[] {
    return [...this.groups.keys()];
  }

  groupOf(tag: string): string {
    return this.groups.get(tag) ?? NO_GROUP;
  }

  /** Tags that take calls of this group. */
  inGroup(group: string): string[] {
    return [...this.groups].filter(([, each]) => each === group).map(([tag]) => tag);
  }
}
