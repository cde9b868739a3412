import type { JsonSchema } from '../../src/api/schema.ts';

/** The type of a setting in the words of its writer. */
export function typeText(json: JsonSchema): string {
  if (json.enum) return json.enum.map((word) => `\`${word}\``).join(' or ');
  if (json.oneOf) return json.oneOf.map(typeText).join(' or ');
  if (json['x-kubernetes-int-or-string'] === true) return 'number or text';
  if (json.type === 'array') return `list of ${json.items === undefined ? 'values' : typeText(json.items)}`;
  if (json.type === 'integer') return rangeText(json);
  if (json.pattern?.includes('ms|s|m|h') === true) return 'duration';
  if (typeof json.additionalProperties === 'object') return `names to ${typeText(json.additionalProperties)}`;
  return { string: 'text', boolean: '`true` or `false`' }[String(json.type)] ?? 'object';
}

function rangeText({ minimum = 0, maximum }: JsonSchema): string {
  return maximum === undefined ? `${minimum} or more` : `${minimum} to ${maximum}`;
}
