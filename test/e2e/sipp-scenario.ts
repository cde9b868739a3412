import { renderRequest, renderResponse, type Side, type Writing } from './sipp-message.ts';
import type { Check, ExpectOptions, Step } from './sipp-steps.ts';

const CAPTURES: [variable: string, header: string, pattern: string][] = [
  ['remote', 'From:', '.*'],
  ['local', 'To:', '.*'],
  ['target', 'Contact:', 'sips?:[^&gt;]*'],
  ['invitevia', 'Via:', '.*'],
  ['invitecseq', 'CSeq:', '[0-9]+'],
];

/** The steps of one side as a sipp scenario file. */
export function renderScenario(side: Side, steps: readonly Step[]): string {
  const writing: Writing = {
    side,
    index: 0,
    cseq: 0,
    inviteCseq: 0,
    inviteIndex: 0,
    lastSent: '',
    lastRequest: '',
    invited: false,
    checks: [],
  };
  const known = steps.some((step) => step.kind === 'expectRequest' && step.method === 'INVITE');
  const body = steps.map((step, index) => {
    writing.index = index;
    return renderStep(step, writing);
  });
  const names = [...(known ? CAPTURES.map(([variable]) => variable) : []), ...writing.checks];
  const reference = names.length === 0 ? [] : [`<Reference variables="${names.join(',')}"/>`];
  return [
    '<?xml version="1.0" encoding="ISO-8859-1" ?>',
    `<scenario name="${side}">`,
    ...body,
    ...reference,
    '</scenario>',
  ].join('\n');
}

function renderStep(step: Step, writing: Writing): string {
  switch (step.kind) {
    case 'request':
      writing.lastSent = step.method;
      return send(
        renderRequest(step.method, step.options, writing),
        step.method !== 'ACK' && !step.options.once,
      );
    case 'response':
      return send(
        renderResponse(step.status, step.options, writing),
        step.options.repeatAfterMs !== undefined,
      );
    case 'expectRequest':
      return renderExpectRequest(step.method, step.options, writing);
    case 'expectResponse':
      return receive(`response="${String(step.status)}"`, step.options, writing, {
        // The 2xx to a BYE has no Contact to take.
        routes: writing.lastSent === 'INVITE' && step.status > 100 && step.status < 300,
      });
    case 'pause':
      return `<pause milliseconds="${String(step.ms)}"/>`;
  }
}

function send(text: string, repeats: boolean): string {
  return `<send${repeats ? ' retrans="500"' : ''}><![CDATA[\n\n${text}\n]]></send>`;
}

function renderExpectRequest(method: string, options: ExpectOptions, writing: Writing): string {
  if (method !== 'ACK') writing.lastRequest = method;
  const first = method === 'INVITE' && !writing.invited;
  const captures = method === 'INVITE' ? CAPTURES.filter(([, header]) => first || header !== 'To:') : [];
  if (method === 'INVITE') writing.invited = true;
  return receive(`request="${method}"`, options, writing, {
    routes: first,
    captures: captures.map(renderCapture),
  });
}

function renderCapture([variable, header, pattern]: [string, string, string]): string {
  return `<ereg regexp="${pattern}" search_in="hdr" header="${header}" assign_to="${variable}"/>`;
}

function receive(
  what: string,
  options: ExpectOptions,
  writing: Writing,
  also: { routes: boolean; captures?: string[] },
): string {
  const optional = options.optional === true ? ' optional="true"' : '';
  const timeout = options.timeoutMs === undefined ? '' : ` timeout="${String(options.timeoutMs)}"`;
  const checks = (options.checks ?? []).map((check) => renderCheck(check, writing));
  const all = [...(also.captures ?? []), ...checks];
  const action = all.length === 0 ? '' : `<action>\n${all.join('\n')}\n</action>`;
  return `<recv ${what}${optional}${timeout}${also.routes ? ' rrs="true"' : ''}>${action}</recv>`;
}

function renderCheck(check: Check, writing: Writing): string {
  const variable = `checked${String(writing.checks.length)}`;
  writing.checks.push(variable);
  const where = check.header === undefined ? 'search_in="msg"' : `search_in="hdr" header="${check.header}:"`;
  const how = check.absent === true ? 'check_it_inverse="true"' : 'check_it="true"';
  return `<ereg regexp="${check.pattern}" ${where} ${how} assign_to="${variable}"/>`;
}
