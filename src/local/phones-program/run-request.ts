import { parseHostPort } from '../../api/address.ts';
import type { RunRequest } from './run-type.ts';

/** What is allowed in a number of a request, and what it is if it is left out. */
interface NumberRule {
  usual: number;
  least: number;
  most: number;
}

const NUMBERS: Readonly<Record<'count' | 'perSecond' | 'holdMs' | 'talkEveryMs' | 'sockets', NumberRule>> = {
  count: { usual: 1, least: 0, most: 100_000 },
  perSecond: { usual: 20, least: 0.1, most: 1000 },
  holdMs: { usual: 0, least: 0, most: 3_600_000 },
  talkEveryMs: { usual: 1000, least: 50, most: 3_600_000 },
  sockets: { usual: 8, least: 1, most: 200 },
};

const NAME = /^[a-z][a-z0-9]{0,30}$/;

/** The run that a parsed JSON body asks for; throws Error with all that is wrong with it. */
export function readRunRequest(body: unknown): RunRequest {
  const given = (typeof body === 'object' && body !== null ? body : {}) as Record<string, unknown>;
  const { name, through, transport = 'UDP' } = given;
  const problems = [
    ...(isName(name) ? [] : ['name is a word of letters and digits']),
    ...(isEntrances(through) ? [] : ['through is a list of host:port, one or more']),
    ...(isTransport(transport) ? [] : ['transport is UDP or TCP']),
    ...numberProblems(given),
  ];
  if (problems.length > 0 || !isName(name) || !isEntrances(through) || !isTransport(transport))
    throw new Error(problems.join('; '));
  return { name, through, transport, ...numbersOf(given) };
}

function numberProblems(given: Record<string, unknown>): string[] {
  return Object.entries(NUMBERS).flatMap(([key, { usual, least, most }]) => {
    const value = given[key] ?? usual;
    if (typeof value === 'number' && value >= least && value <= most) return [];
    return [`${key} is a number from ${least} to ${most}`];
  });
}

function numbersOf(given: Record<string, unknown>): Record<keyof typeof NUMBERS, number> {
  const valueOf = (key: keyof typeof NUMBERS): number => Number(given[key] ?? NUMBERS[key].usual);
  return {
    count: valueOf('count'),
    perSecond: valueOf('perSecond'),
    holdMs: valueOf('holdMs'),
    talkEveryMs: valueOf('talkEveryMs'),
    sockets: valueOf('sockets'),
  };
}

function isName(value: unknown): value is string {
  return typeof value === 'string' && NAME.test(value);
}

function isTransport(value: unknown): value is RunRequest['transport'] {
  return value === 'UDP' || value === 'TCP';
}

function isEntrances(value: unknown): value is string[] {
  return (
    Array.isArray(value) &&
    value.length > 0 &&
    value.every((each) => typeof each === 'string' && parseHostPort(each) !== undefined)
  );
}
