import type { Registry } from 'prom-client';
import { OperatorMetrics } from '../../src/operator/metrics.ts';
import { ProxyMetrics } from '../../src/proxy/metrics.ts';
import { markdownTable } from './markdown.ts';

const INTRO = `# Metrics

What \`GET /metrics\` of a proxy shows, in the text format of Prometheus. Counters end in \`_total\`; a histogram has \`_bucket\`, \`_sum\` and \`_count\`.
Reasons of \`rehome_drops_total\` and codes of \`rehome_mesh_notes_total\` are listed in [errors.md](errors.md).
`;

const OPERATOR_INTRO = `
## The operator

What \`GET /metrics\` of an operator shows.
`;

/** The reference of all metrics, made from the registry. */
export async function metricsPage(): Promise<string> {
  const proxy = await tableOf(new ProxyMetrics().registry);
  const operator = await tableOf(new OperatorMetrics().registry);
  return `${INTRO}\n${proxy}${OPERATOR_INTRO}\n${operator}`;
}

async function tableOf(registry: Registry): Promise<string> {
  const labels = new Map(
    (registry.getMetricsAsArray() as unknown as { name: string; labelNames?: string[] }[]).map(
      ({ name, labelNames = [] }) => [name, labelNames],
    ),
  );
  const metrics = await registry.getMetricsAsJSON();
  const rows = metrics.map(({ name, type, help }) => [
    `\`${name}\``,
    String(type),
    labels
      .get(name)
      ?.map((label) => `\`${label}\``)
      .join(', ') ?? '',
    help,
  ]);
  return markdownTable(['metric', 'type', 'labels', 'what it counts or shows'], rows);
}
