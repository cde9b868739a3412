import { spawnSync } from 'node:child_process';
import { ROOT } from './repository.ts';

/** Who imports whom among the folders of src, as a mermaid diagram; throws Error if it cannot be drawn. */
export function folderPicture(): string {
  const folders = ['-T', 'mermaid', '--include-only', '^src/', '--collapse', '^src/[^/]+'];
  const picture = depcruise(['src', ...folders], ROOT);
  if (!picture.startsWith('flowchart')) throw new Error(`dependency-cruiser drew nothing: ${picture}`);
  return withSortedArrows(picture);
}

// They come in the order of the imports, which means nothing.
function withSortedArrows(picture: string): string {
  const lines = picture.trimEnd().split('\n');
  const isArrow = (line: string): boolean => line.includes('-->');
  return `${[...lines.filter((line) => !isArrow(line)), ...lines.filter(isArrow).sort()].join('\n')}\n`;
}

/** What dependency-cruiser prints with the repository's rules, run in a folder. */
export function depcruise(argv: readonly string[], folder: string): string {
  const command = [
    `${ROOT}node_modules/.bin/depcruise`,
    '--config',
    `${ROOT}.dependency-cruiser.mjs`,
    ...argv,
  ];
  const { stdout, stderr } = spawnSync(process.execPath, command, { cwd: folder, encoding: 'utf8' });
  return `${stdout}${stderr}`;
}
