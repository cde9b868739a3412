import { proxySchema } from '../../src/api/proxy-config-schema.ts';
import { CHART_FILES } from './chart-files.ts';
import { folderPicture } from './folder-picture.ts';
import { metricsPage } from './metrics-page.ts';
import { reasonsPage } from './reasons-page.ts';
import { readFile } from './repository.ts';
import { resourcesPage } from './resources-page.ts';
import { settingsPage } from './settings-page.ts';

const PICTURE = /(<!-- picture: made by npm run generate -->\n)[\s\S]*?(\n<!-- end of picture -->)/;

/** The files that are made from the code, by path, each as it should be. */
export const GENERATED: Readonly<Record<string, () => string | Promise<string>>> = {
  'docs/reference/proxy-config.schema.json': schemaFile,
  'docs/reference/settings.md': settingsPage,
  'docs/reference/resources.md': resourcesPage,
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
  return `${JSON.stringify({ ...head, ...proxySchema.json }, undefined, 2)}\n`;
}
