import { proxySchema } from '../../src/api/proxy-config-schema.ts';
import type { Member } from '../../src/api/schema.ts';
import { markdownTable } from './markdown.ts';
import { typeText } from './type-text.ts';

const INTRO = `# Settings

What \`rehome proxy --config FILE\` reads, YAML or JSON. Unknown settings are problems; \`--check\` reports all of a file at once. The same as
JSON Schema: [proxy-config.schema.json](proxy-config.schema.json). Problem codes: [errors.md](errors.md). Examples: [examples](../../examples).

A duration is a number with \`ms\`, \`s\`, \`m\` or \`h\`, or several of them: \`500ms\`, \`1m30s\`. Relative paths start at the working folder of the process.
\`$(NAME)\` in a text stands for a variable of the environment: \`POD_NAME\`, \`POD_UID\`, \`POD_IP\`, \`HOST_IP\`, \`NODE_NAME\`, \`ZONE\`, \`PORT_OFFSET\`,
or one that begins with \`ADVERTISE_\`; write
\`$$(NAME)\` for the text itself.
\`required\` is a setting without a default; one with \`–\` may be left out.
`;

/** The reference of all settings, made from the schema. */
export function settingsPage(): string {
  const rows = settingsUnder(proxySchema.members ?? [], '');
  return `${INTRO}\n${markdownTable(['setting', 'type', 'default', 'what it is'], rows)}`;
}

function settingsUnder(members: readonly Member[], prefix: string): string[][] {
  return members.flatMap(({ key, field }) => {
    const { json, members: inner } = field.schema;
    const path = `${prefix}${key}${json.type === 'array' && inner ? '[]' : ''}`;
    const row = [`\`${path}\``, typeText(json), defaultText(field), field.doc];
    return inner === undefined ? [row] : [row, ...settingsUnder(inner, `${path}.`)];
  });
}

function defaultText({ fallback, optional }: Member['field']): string {
  if (fallback !== undefined) return `\`${JSON.stringify(fallback)}\``;
  return optional === true ? '–' : 'required';
}
