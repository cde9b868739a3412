import { readFileSync } from 'node:fs';
import { parseDocument } from 'yaml';

/** Why a file is no document; `path` is empty, since nothing inside the file is to blame. */
export interface FileProblem {
  path: '';
  code: 'CONFIG_UNREADABLE' | 'CONFIG_SYNTAX';
  message: string;
}

/** The content of a file, or all that is wrong with it. */
export type Loaded<T> = { ok: true; value: T } | { ok: false; problems: FileProblem[] };
export type LoadedDocument = Loaded<unknown>;

/** Reads a text file; never throws. */
export function loadText(file: string): Loaded<string> {
  try {
    return { ok: true, value: readFileSync(file, 'utf8') };
  } catch (error) {
    return { ok: false, problems: [{ path: '', code: 'CONFIG_UNREADABLE', message: messageOf(error) }] };
  }
}

/** Reads a YAML or JSON file, JSON being YAML too (YAML 1.2 §1.3); never throws. */
export function loadDocument(file: string): LoadedDocument {
  const text = loadText(file);
  if (!text.ok) return text;
  const document = parseDocument(text.value);
  if (document.errors.length > 0) return syntaxProblems(document.errors);
  try {
    return { ok: true, value: document.toJS() };
  } catch (error) {
    // Aliases are resolved here: one may be undefined, or a chain of them too large.
    return syntaxProblems([error]);
  }
}

function syntaxProblems(errors: readonly unknown[]): LoadedDocument {
  return {
    ok: false,
    problems: errors.map((error) => ({
      path: '',
      code: 'CONFIG_SYNTAX',
      message: firstLine(messageOf(error)),
    })),
  };
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

// The parser's messages go on with an excerpt, which may hold a key.
function firstLine(text: string): string {
  return text.split('\n', 1)[0]?.replace(/:$/, '') ?? '';
}
