import type { StructuralSchema } from './structural-schema.ts';

/** How the rule of a duration begins. */
const DURATION_RULE = 'must be a duration ';

/**
 * What `kubectl explain` does not show by itself: bounds and default of a field, as the end of its description. '' for objects, and
 * for lists and maps that are empty if left out.
 */
export function boundsText(field: StructuralSchema): string {
  return [rangeOf(field), defaultOf(field)].map((part) => (part === '' ? '' : ` ${part}.`)).join('');
}

function rangeOf({
  type,
  minimum,
  maximum,
  'x-kubernetes-validations': rules = [],
}: StructuralSchema): string {
  if (type === 'integer' && minimum !== undefined && maximum !== undefined)
    return `From ${minimum} to ${maximum}`;
  const message = rules.find((each) => each.message.startsWith(DURATION_RULE))?.message;
  return message === undefined ? '' : `A duration ${message.slice(DURATION_RULE.length)}`;
}

function defaultOf({ type, default: fallback }: StructuralSchema): string {
  if (fallback === undefined || fallback === '') return '';
  const isEmpty = typeof fallback === 'object' && Object.keys(fallback ?? {}).length === 0;
  if (type === 'object' || isEmpty) return '';
  return `Default: ${Array.isArray(fallback) ? fallback.join(', ') : JSON.stringify(fallback).replaceAll('"', '')}`;
}

/** The schema with bounds and defaults in its descriptions. */
export function explained(schema: StructuralSchema): StructuralSchema {
  const { description, properties, items } = schema;
  return {
    ...schema,
    ...(description !== undefined && { description: description + boundsText(schema) }),
    ...(items !== undefined && { items: explained(items) }),
    ...(properties !== undefined && {
      properties: Object.fromEntries(Object.entries(properties).map(([key, each]) => [key, explained(each)])),
    }),
  };
}
