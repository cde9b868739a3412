import { ProxyMetrics } from '../../src/proxy/metrics.ts';
import { markdownTable } from './markdown.ts';

const INTRO = `# Metrics

What \`GET /metrics\` of a proxy shows, in the text format of Prometheus. Counters end in \`_total\`; a histogram has \`_bucket\`, \`_sum\` and \`_count\`.
Reasons of \`rehome_drops_total\` and codes of \`rehome_mesh_notes_total\` are listed in [errors.md](errors.md).
`;

/** The reference of all metrics, made from the registry. */
export async function metricsPage(): Promise<string> {
  const { registry } = new ProxyMetrics();
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
  return `${INTRO}\n${markdownTable(['metric', 'type', 'labels', 'what it counts or shows'], rows)}`;
}
