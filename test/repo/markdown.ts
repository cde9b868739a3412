/** A table as Markdown. */
export function markdownTable(header: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |\n`;
  return `${line(header)}|${'---|'.repeat(header.length)}\n${rows.map(line).join('')}`;
}

/** First cells of the rows of the table under a heading, without back-quotes; throws Error if there is no table. */
export function firstCells(markdown: string, heading: string): string[] {
  const [, section] = markdown.split(new RegExp(`\n#{2,3} ${heading}\n`));
  const rows = section?.split(/\n#{2,3} /, 1)[0]?.match(/^\| `[^|]*` \|/gm) ?? [];
  if (rows.length === 0) throw new Error(`no table under ${heading}`);
  return rows.map((row) => row.slice(3, -3));
}
