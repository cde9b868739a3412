import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** A line of an audit log (audit.k8s.io/v1), as far as it is read. */
interface AuditEvent {
  verb: string;
  user: { username?: string };
  userAgent?: string;
  objectRef?: { apiGroup?: string; resource?: string; subresource?: string };
  responseStatus?: { code?: number };
}

/** What operators asked for, each as `verb resource.group`. */
export interface AskedRights {
  used: Set<string>;
  /** Refused each time: the server that just started refuses what it allows in a moment. */
  refused: string[];
}

const OPERATORS = 'system:serviceaccount:rehome-system:';
const HTTP_CREATED = 201;
const HTTP_FORBIDDEN = 403;

/** A right by its parts. */
export function rightText(verb: string, resource: string, group: string): string {
  return `${verb} ${resource}${group === '' ? '' : `.${group}`}`;
}

/** What the ServiceAccounts of operators asked all servers whose logs are in a folder. */
export function askedRights(folder: string): AskedRights {
  const used = new Set<string>();
  const forbidden = new Set<string>();
  for (const event of readdirSync(folder).flatMap((name) => eventsIn(join(folder, name)))) {
    const { verb, objectRef = {}, responseStatus = {} } = event;
    if (!isOfOperator(event)) continue;
    const { apiGroup = '', resource = '', subresource } = objectRef;
    const whole = subresource === undefined ? resource : `${resource}/${subresource}`;
    const right = rightText(verb, whole, apiGroup);
    if (responseStatus.code === HTTP_FORBIDDEN) forbidden.add(right);
    else used.add(right);
    // Server-side apply of what is not there needs the right to make it.
    if (verb === 'patch' && responseStatus.code === HTTP_CREATED)
      used.add(rightText('create', whole, apiGroup));
  }
  return { used, refused: [...forbidden].filter((right) => !used.has(right)) };
}

/** Discovery and health are no resources: whoever is known may ask for them. A person with an operator's token is none. */
function isOfOperator({ user, userAgent = '', objectRef }: AuditEvent): boolean {
  if (userAgent.startsWith('kubectl/')) return false;
  return user.username?.startsWith(OPERATORS) === true && objectRef?.resource !== undefined;
}

function eventsIn(file: string): AuditEvent[] {
  const lines = readFileSync(file, 'utf8').split('\n');
  // A server that was killed may have left half a line.
  return lines.filter((line) => line.endsWith('}')).map((line) => JSON.parse(line) as AuditEvent);
}
