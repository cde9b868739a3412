/** Codes of what can be wrong with a config file; they are never reused. */
export const PROBLEM_CODES = {
  CONFIG_UNREADABLE: 'The file cannot be read.',
  CONFIG_SYNTAX: 'The file is neither YAML nor JSON.',
  CONFIG_REQUIRED: 'A setting without a default is missing.',
  CONFIG_TYPE: 'The value has the wrong type.',
  CONFIG_VALUE: 'The value has the right type but is out of range or malformed.',
  CONFIG_UNKNOWN_KEY: 'No setting has this name.',
  CONFIG_DUPLICATE: 'Two entries of a list share what must be unique.',
  CONFIG_REFERENCE: 'The name of something that the file does not define.',
  CONFIG_CONFLICT: 'Two settings contradict each other.',
  CONFIG_ROSTER_EVEN: 'The roster has an even number of voters, so that one half cannot outvote the other.',
} as const;

export type ProblemCode = keyof typeof PROBLEM_CODES;

/** One thing wrong with a document: where (`listeners[0].port`), its stable code, and a sentence with the remedy. */
export interface Problem {
  path: string;
  code: ProblemCode;
  message: string;
}

/** All of a document's problems, or its value. */
export type Parsed<T> = { ok: true; value: T } | { ok: false; problems: Problem[] };
