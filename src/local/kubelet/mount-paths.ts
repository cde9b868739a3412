/** A path inside a container, and the folder of this machine that stands for it. */
export interface Mount {
  mountPath: string;
  folder: string;
}

/**
 * The text with every path at or below a mount turned into the path on this machine: processes of pods share the machine's
 * file tree. A path ends where no letter, digit, dot, hyphen or underscore follows.
 */
export function rewriteMountPaths(text: string, mounts: readonly Mount[]): string {
  if (mounts.length === 0) return text;
  const folders = new Map(mounts.map(({ mountPath, folder }) => [withoutSlash(mountPath), folder]));
  // The longest first: one mount may be inside another.
  const paths = [...folders.keys()].sort((a, b) => b.length - a.length).map(escaped);
  const pattern = new RegExp(`(?<![\\w./-])(${paths.join('|')})(?![\\w.-])`, 'g');
  return text.replace(pattern, (path) => folders.get(path) ?? path);
}

function withoutSlash(path: string): string {
  return path.replace(/\/+$/, '');
}

function escaped(path: string): string {
  return path.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
}
