import { expect, it } from '@jest/globals';
import { createInviteClient } from '../../../../src/sip/transaction/invite-client.ts';
import { createInviteServer } from '../../../../src/sip/transaction/invite-server.ts';
import { createNonInviteClient } from '../../../../src/sip/transaction/non-invite-client.ts';
import { createNonInviteServer } from '../../../../src/sip/transaction/non-invite-server.ts';
import type { TransactionOptions } from '../../../../src/sip/transaction/timers.ts';
import { parsed, requestText } from './messages.ts';
import { TCP, UDP, VirtualRun } from './virtual-run.ts';

const both: [string, TransactionOptions][] = [
  ['UDP', UDP],
  ['TCP', TCP],
];

it.each(both)(
  'a request over %s that cannot leave ends its client at once and leaves no timer',
  (_name, options) => {
    for (const tx of [
      createInviteClient(requestText('INVITE'), options),
      createNonInviteClient(requestText('BYE'), options),
    ]) {
      const run = new VirtualRun(tx);
      run.unreachable = true;
      run.start();
      expect(run.log.slice(1)).toEqual(['transportFailed', 'finished']);
      expect(run.timers.size).toBe(0);
    }
  },
);

it('an ACK that cannot leave is reported after the response that it acknowledges', () => {
  const run = new VirtualRun(createInviteClient(requestText('INVITE'), UDP));
  run.start();
  run.unreachable = true;
  expect(run.response(486)).toEqual(['deliver 486', 'send ACK', 'transportFailed', 'finished']);
});

it.each(both)(
  'a response over %s that cannot leave is reported, and its server still ends in time',
  (_name, options) => {
    for (const tx of [
      createInviteServer(options),
      createNonInviteServer(parsed(requestText('BYE')), options),
    ]) {
      const run = new VirtualRun(tx);
      run.start();
      run.unreachable = true;
      run.respond(486);
      run.advance(32_000);
      expect(run.log.slice(0, 1)).toEqual(['send 486']);
      expect(run.finished).toBe(true);
    }
  },
);
