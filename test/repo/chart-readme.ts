import { isMap, isScalar, parseDocument, type Pair, type YAMLMap } from 'yaml';
import { readFile } from './repository.ts';

const TABLE = /(<!-- values: made by npm run generate -->\n)[\s\S]*?(\n<!-- end of values -->)/;

/** A value of a chart, as its page lists it. */
export interface ChartValue {
  path: string;
  fallback: string;
  doc: string;
}

interface Schema {
  properties?: Record<string, Schema>;
}

/** The README of a chart, with its table of values as values.yaml has them. */
export function chartReadme(chart: string): string {
  const rows = chartValues(chart).map(
    ({ path, fallback, doc }) => `| \`${path}\` | \`${fallback}\` | ${doc} |`,
  );
  const table = ['| value | default | meaning |', '|---|---|---|', ...rows].join('\n');
  return readFile(`helm/${chart}/README.md`).replace(
    TABLE,
    (_all, begin: string, end: string) => `${begin}${table}${end}`,
  );
}

/** Every value of a chart by its path; a map that the schema leaves open is one value. */
export function chartValues(chart: string): ChartValue[] {
  const document = parseDocument(readFile(`helm/${chart}/values.yaml`));
  const schema = JSON.parse(readFile(`helm/${chart}/values.schema.json`)) as Schema;
  return isMap(document.contents) ? valuesOf(document.contents, schema, []) : [];
}

function valuesOf(map: YAMLMap, schema: Schema, path: readonly string[]): ChartValue[] {
  return map.items.flatMap((pair, index) => {
    const key = String(isScalar(pair.key) ? pair.key.value : pair.key);
    const inner = schema.properties?.[key];
    const here = [...path, key];
    if (isMap(pair.value) && inner?.properties !== undefined && pair.value.items.length > 0)
      return valuesOf(pair.value, inner, here);
    // The comment above the first key of a map belongs to the map.
    const doc =
      commentOf(pair) ?? (index === 0 && path.length > 0 ? described(map.commentBefore) : undefined);
    return [{ path: here.join('.'), fallback: JSON.stringify(valueOf(pair)), doc: doc ?? '' }];
  });
}

function valueOf({ value }: Pair): unknown {
  return (value as { toJSON(): unknown }).toJSON();
}

function commentOf({ key }: Pair): string | undefined {
  return described((key as { commentBefore?: string | null }).commentBefore);
}

/** The sentence behind "--", on one line; an example after it is left out. */
function described(comment: string | null | undefined): string | undefined {
  const [, text] = /(?:^|\n) -- ([\s\S]*)$/.exec(comment ?? '') ?? [];
  const lines = text?.split('\n').filter((line) => !line.startsWith('  '));
  return lines?.map((line) => line.trim()).join(' ');
}
