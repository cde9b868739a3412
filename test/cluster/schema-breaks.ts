import type { StructuralSchema } from '../../src/api/structural-schema.ts';

type Path = readonly (string | number)[];

/** A field of a schema and where a document has it. */
interface Spot {
  /** As in `listeners[].port`. */
  field: string;
  path: Path;
  schema: StructuralSchema;
  value: unknown;
}

/** A document that breaks one bound of its schema. */
export interface Break {
  /** Of the schema, as in `listeners[].port`. */
  field: string;
  bound: string;
  document: unknown;
  /** In the words of the API server, where the value is, as in `listeners[0].port`. */
  place: string;
  /** Part of what the API server says of it. */
  says: string;
}

/** All documents that break one bound of the schema each; every field must be in `document`, and a missing one is an error. */
export function breaksOf(schema: StructuralSchema, document: unknown): Break[] {
  const spots = firstOfEach([...spotsIn({ field: '', path: [], schema, value: document })]);
  const missing = fieldsOf(schema).filter((field) => !spots.has(field));
  if (missing.length > 0) throw new Error(`the document lacks ${missing.join(', ')}`);
  return [...spots.values()].flatMap((spot) =>
    brokenValues(spot).map(({ bound, value, says, below = [] }) => ({
      ...{ field: spot.field, bound, says },
      document: replaced(document, spot.path, value),
      place: placeText([...spot.path, ...below]),
    })),
  );
}

interface Broken {
  bound: string;
  value: unknown;
  says: string;
  /** Steps from the field to what the API server names. */
  below?: Path;
}

function brokenValues({ schema, value }: Spot): Broken[] {
  return [...wrongType(schema), ...textBounds(schema), ...numberBounds(schema), ...sizeBounds(schema, value)];
}

function wrongType({ type, enum: words }: StructuralSchema): Broken[] {
  if (type === undefined) return [];
  const value = type === 'string' ? 5 : 'text';
  // What is no word of a list is refused as such.
  const says =
    words === undefined || type !== 'string' ? `must be of type ${type}` : 'must be of type string';
  return [{ bound: 'type', value, says }];
}

function textBounds({ pattern, maxLength, minLength, enum: words }: StructuralSchema): Broken[] {
  const broken: Broken[] = [];
  if (pattern !== undefined) broken.push({ bound: 'pattern', value: ' \n!', says: 'should match' });
  if (maxLength !== undefined)
    broken.push({ bound: 'maxLength', value: 'a'.repeat(maxLength + 1), says: 'Too long' });
  if (minLength !== undefined) broken.push({ bound: 'minLength', value: '', says: 'at least' });
  if (words !== undefined) broken.push({ bound: 'enum', value: 'Nope', says: 'Unsupported value' });
  return broken;
}

function numberBounds({ minimum, maximum }: StructuralSchema): Broken[] {
  const broken: Broken[] = [];
  if (minimum !== undefined)
    broken.push({ bound: 'minimum', value: minimum - 1, says: 'should be greater than or equal' });
  if (maximum !== undefined)
    broken.push({ bound: 'maximum', value: maximum + 1, says: 'should be less than or equal' });
  return broken;
}

function sizeBounds(schema: StructuralSchema, value: unknown): Broken[] {
  const { minItems, maxItems, maxProperties, required = [] } = schema;
  const broken: Broken[] = [];
  if (minItems !== undefined) broken.push({ bound: 'minItems', value: [], says: 'at least' });
  if (maxItems !== undefined) {
    const items: unknown[] = Array.from({ length: maxItems + 1 }, () => (value as unknown[])[0]);
    broken.push({ bound: 'maxItems', value: items, says: 'Too many' });
  }
  if (maxProperties !== undefined) {
    const [some] = Object.values(value as object) as unknown[];
    const entries = Array.from({ length: maxProperties + 1 }, (_, index) => [`k${index}`, some]);
    broken.push({ bound: 'maxProperties', value: Object.fromEntries(entries), says: 'Too many' });
  }
  for (const key of required) {
    const without = Object.fromEntries(Object.entries(value as object).filter(([each]) => each !== key));
    broken.push({ bound: `required ${key}`, value: without, says: 'Required value', below: [key] });
  }
  return broken;
}

function* spotsIn(spot: Spot): Generator<Spot> {
  yield spot;
  for (const inner of innerOf(spot)) yield* spotsIn(inner);
}

function innerOf({ field, path, schema, value }: Spot): Spot[] {
  if (Array.isArray(value)) {
    const items = schema.items ?? {};
    return value.map((each: unknown, index) => ({
      ...{ field: `${field}[]`, path: [...path, index], schema: items, value: each },
    }));
  }
  const { properties, additionalProperties } = schema;
  if (properties === undefined && additionalProperties === undefined) return [];
  return Object.entries(value as object).flatMap(([key, each]) => {
    const inner = properties?.[key] ?? additionalProperties;
    const name = properties === undefined ? '{}' : `.${key}`;
    return inner
      ? [{ field: field + name, path: [...path, key], schema: inner, value: each as unknown }]
      : [];
  });
}

function firstOfEach(spots: readonly Spot[]): Map<string, Spot> {
  return new Map(spots.map((spot) => [spot.field, spot] as const).reverse());
}

function fieldsOf(schema: StructuralSchema, field = ''): string[] {
  const { items, properties = {}, additionalProperties } = schema;
  return [
    field,
    ...(items ? fieldsOf(items, `${field}[]`) : []),
    ...Object.entries(properties).flatMap(([key, each]) => fieldsOf(each, `${field}.${key}`)),
    ...(additionalProperties ? fieldsOf(additionalProperties, `${field}{}`) : []),
  ];
}

function replaced(document: unknown, path: Path, value: unknown): unknown {
  const [step, ...rest] = path;
  if (step === undefined) return value;
  if (Array.isArray(document))
    return document.map((each: unknown, index) => (index === step ? replaced(each, rest, value) : each));
  const object = document as Record<string, unknown>;
  return { ...object, [step]: replaced(object[step], rest, value) };
}

function placeText(path: Path): string {
  return path.map((step) => (typeof step === 'number' ? `[${step}]` : `.${step}`)).join('');
}
