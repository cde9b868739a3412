import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import {
  H,
  headerName,
  parseMessage,
  parseUri,
  SipMessage,
  validateRequest,
  validateResponse,
  type RequestRules,
} from '../../src/sip/index.ts';

/** What a message of the torture set must be read as. */
interface Expected {
  method?: string;
  status?: number;
  fromTag?: string;
  toTag?: string;
  cseq?: number;
  branch?: string | null;
  vias?: number;
  maxForwards?: number;
  host?: string;
  port?: number;
  viaHost?: string;
  received?: string;
  contactUri?: string;
  body?: string;
}

interface Case {
  file: string;
  verdict: 'accept' | 'refuse' | 'drop' | 'unreadable';
  note: string;
  status?: number;
  headers?: [string, string][];
  code?: string;
  rules?: 'methods' | 'size' | 'userAgent';
  expect?: Expected;
}

const FOLDER = new URL('torture/', import.meta.url);
const CASES = JSON.parse(readFileSync(new URL('manifest.json', FOLDER), 'utf8')) as Case[];

const RULES: RequestRules = {
  extensions: ['100rel', 'timer', 'replaces'],
  contentTypes: ['application/sdp'],
  answerTypes: ['application/sdp'],
};

function textOf(file: string): string {
  return readFileSync(new URL(file, FOLDER), 'latin1');
}

function read(file: string): SipMessage {
  const message = parseMessage(textOf(file));
  if (!(message instanceof SipMessage)) throw new Error(`${file}: ${message.code}`);
  return message;
}

function rulesOf({ rules, verdict }: Case): RequestRules {
  if (rules === 'methods') return { methods: ['INVITE', 'ACK', 'BYE', 'OPTIONS'] };
  if (rules === 'size') return { maxBytes: 2_000 };
  // Odd bodies are accepted by who knows their type.
  return verdict === 'accept' ? {} : RULES;
}

function valuesOf(message: SipMessage): Expected {
  const target = parseUri(message.requestUri);
  return {
    method: message.method,
    status: message.status,
    fromTag: message.fromTag,
    toTag: message.toTag,
    cseq: message.cseq,
    branch: message.branch ?? null,
    vias: message.list(H.Via).length,
    body: message.body,
    ...(message.maxForwards !== undefined && { maxForwards: message.maxForwards }),
    ...(target !== undefined && { host: target.host }),
    ...(target?.port !== undefined && { port: target.port }),
    ...(message.via !== undefined && { viaHost: message.via.host, received: message.via.received }),
    ...(message.contact !== undefined && { contactUri: message.contact.uri }),
  };
}

function cases(verdict: Case['verdict']): [string, Case][] {
  return CASES.filter((one) => one.verdict === verdict).map((one) => [`${one.file}: ${one.note}`, one]);
}

describe('the torture set', () => {
  test('every file is in the manifest, and nothing else', () => {
    const files = readdirSync(FOLDER).filter((name) => name.endsWith('.sip'));
    expect(CASES.map(({ file }) => file).sort()).toEqual(files.sort());
  });

  test.each(cases('accept'))('accepts %s', (_title, one) => {
    const message = read(one.file);
    const verdict = message.isRequest ? validateRequest(message, rulesOf(one)) : validateResponse(message);
    expect(verdict).toEqual({ ok: true });
    expect(valuesOf(message)).toMatchObject(one.expect ?? {});
  });

  test.each(cases('refuse'))('refuses %s', (_title, one) => {
    const verdict = validateRequest(read(one.file), rulesOf(one));
    const written = verdict.ok
      ? []
      : verdict.headers.map(([id, value]) => [typeof id === 'number' ? headerName(id) : id, value]);
    expect({ ...verdict, headers: written }).toMatchObject({
      ok: false,
      status: one.status,
      headers: one.headers ?? [],
    });
  });

  test.each(cases('drop'))('drops %s', (_title, one) => {
    const response = read(one.file);
    expect(response.isRequest).toBe(false);
    expect(validateResponse(response, { isUserAgent: one.rules === 'userAgent' }).ok).toBe(false);
  });

  test.each(cases('unreadable'))('reads nothing from %s', (_title, one) => {
    expect(parseMessage(textOf(one.file))).toEqual({ code: one.code });
  });
});
