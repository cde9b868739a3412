import type { JsonSchema, ValidationRule } from './schema.ts';

/** The subset of JSON Schema that a CustomResourceDefinition may hold ("structural schema"), with Kubernetes' own words. */
export interface StructuralSchema {
  type?: string;
  description?: string;
  default?: unknown;
  enum?: readonly string[];
  format?: string;
  pattern?: string;
  minimum?: number;
  maximum?: number;
  minLength?: number;
  maxLength?: number;
  minItems?: number;
  maxItems?: number;
  maxProperties?: number;
  items?: StructuralSchema;
  properties?: Record<string, StructuralSchema>;
  required?: string[];
  additionalProperties?: StructuralSchema;
  'x-kubernetes-list-type'?: 'map' | 'set' | 'atomic';
  'x-kubernetes-list-map-keys'?: string[];
  'x-kubernetes-preserve-unknown-fields'?: true;
  'x-kubernetes-int-or-string'?: true;
  'x-kubernetes-validations'?: ValidationRule[];
}

/** The same schema in the words of a CustomResourceDefinition: every value has a type, and unknown fields are Kubernetes' affair. */
export function structural(json: JsonSchema): StructuralSchema {
  const { type, oneOf, items, properties, additionalProperties, ...plain } = json;
  if (oneOf !== undefined || Array.isArray(type)) throw new Error('a structural schema has one type');
  return {
    ...plain,
    // An IntOrString has no type.
    ...(plain['x-kubernetes-int-or-string'] !== true && { type: type ?? 'string' }),
    ...(additionalProperties === true && { 'x-kubernetes-preserve-unknown-fields': true }),
    ...(items !== undefined && { items: structural(items) }),
    ...(properties !== undefined && { properties: mapValues(properties, structural) }),
    ...(typeof additionalProperties === 'object' && {
      additionalProperties: structural(additionalProperties),
    }),
  };
}

function mapValues<A, B>(given: Readonly<Record<string, A>>, change: (value: A) => B): Record<string, B> {
  return Object.fromEntries(Object.entries(given).map(([key, value]) => [key, change(value)]));
}
