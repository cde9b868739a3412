import { proxySchema } from '../../src/api/proxy-config-schema.ts';
import { CHART_FILES } from './chart-files.ts';
import { CRD_FILES } from './crd-files.ts';
import { crdsPage } from './crds-page.ts';
import { folderPicture } from './folder-picture.ts';
import { metricsPage } from './metrics-page.ts';
import { reasonsPage } from './reasons-page.ts';
import { readFile } from './repository.ts';
import { settingsPage } from './settings-page.ts';

const PICTURE = /(<!-- picture: made by npm run generate -->\n)[\s\S]*?(\n<!-- end of picture -->)/;

/** The files that are made from the code, by path, each as it should be. */
export const GENERATED: Readonly<Record<string, () => string | Promise<string>>> = {
  'docs/reference/proxy-config.schema.json': schemaFile,
  'docs/reference/settings.md': settingsPage,
  'docs/reference/crds.md': crdsPage,
  ...CRD_FILES,
  'docs/reference/reasons.md': reasonsPage,
  'docs/reference/metrics.md': metricsPage,
  ...CHART_FILES,
  'ARCHITECTURE.md': () =>
    readFile('ARCHITECTURE.md').replace(
      PICTURE,
      (_all, begin: string, end: string) => `${begin}\`\`\`mermaid\n${folderPicture()}\`\`\`${end}`,
    ),
};

function schemaFile(): string {
  const head = { $schema: 'https://json-schema.org/draft/2020-12/schema', title: 'rehome proxy' };
  return `${JSON.stringify({ ...head, ...proxySchema.json }, withoutRules, 2)}\n`;
}

/** Rules in CEL are for the API server. */
function withoutRules(key: string, value: unknown): unknown {
  return key === 'x-kubernetes-validations' ? undefined : value;
}
