/** One measured figure. */
export interface Figure {
  name: string;
  value: number;
  unit: string;
  /** What was promised; none for figures that only explain others. */
  bar?: { atMost: number } | { atLeast: number };
  /** What to know when comparing. */
  note?: string;
}

/** Whether a figure keeps its promise; undefined where nothing was promised. */
export function keeps(figure: Figure): boolean | undefined {
  if (figure.bar === undefined) return undefined;
  return 'atMost' in figure.bar ? figure.value <= figure.bar.atMost : figure.value >= figure.bar.atLeast;
}

/** A table of figures as text, one line each. */
export function figureTable(figures: readonly Figure[]): string {
  const rows = figures.map((figure) => [
    figure.name,
    `${inDigits(figure.value)} ${figure.unit}`.trim(),
    barOf(figure),
    verdictOf(figure),
    figure.note ?? '',
  ]);
  const all = [['figure', 'measured', 'bar', '', 'note'], ...rows];
  const widths = [0, 1, 2, 3].map((column) => Math.max(...all.map((row) => (row[column] ?? '').length)));
  const line = (row: string[]): string =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd();
  return all.map(line).join('\n');
}

function barOf(figure: Figure): string {
  if (figure.bar === undefined) return '';
  return 'atMost' in figure.bar ? `<= ${inDigits(figure.bar.atMost)}` : `>= ${inDigits(figure.bar.atLeast)}`;
}

function verdictOf(figure: Figure): string {
  const kept = keeps(figure);
  if (kept === undefined) return '';
  return kept ? 'pass' : 'MISS';
}

/** Three significant digits, thousands separated. */
function inDigits(value: number): string {
  if (!Number.isFinite(value)) return 'none';
  return value.toLocaleString('en-US', { maximumSignificantDigits: value >= 1000 ? 6 : 3 });
}
