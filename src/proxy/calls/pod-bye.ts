import { takeCSeq } from '../../dialog/epoch-cseq.ts';
import { buildLegRequest, type LegRequest } from '../../dialog/local-request.ts';
import type { DialogRecord, LegIndex } from '../../dialog/record.ts';
import { H, type HeaderLine } from '../../sip/index.ts';
import type { Flow } from '../flow.ts';
import type { CallContext } from './context.ts';

/** Accepts and ends at once a callee's answer that nobody waits for (RFC 3261 §13.2.2.4). */
export function endFork(context: CallContext, record: DialogRecord, inviteCSeq: number): void {
  sendAck(context, record, 1, { cseq: inviteCSeq });
  sendBye(context, record, 1);
}

/** Sends an ACK of the pod's own: for a 2xx to an INVITE of its own, or to one that a dead owner relayed. */
export function sendAck(
  context: CallContext,
  record: DialogRecord,
  leg: LegIndex,
  ack: { cseq: number; sdp?: string },
): void {
  withHop(context, record, leg, (hop, flow) => {
    context.send(flow, buildLegRequest(record, leg, { method: 'ACK', hop, ...ack }));
  });
}

/** Ends one leg by a BYE of the pod's own, saying why (RFC 3326); `done` is called when it is answered or given up. */
export function sendBye(
  context: CallContext,
  record: DialogRecord,
  leg: LegIndex,
  { reasons = [], done = () => undefined }: { reasons?: readonly string[]; done?: () => void } = {},
): void {
  const cseq = takeCSeq(record.legs[leg], record.epoch);
  const extraHeaders = reasons.map((reason): HeaderLine => [H.Reason, reason]);
  withHop(context, record, leg, (hop, flow) => {
    const text = buildLegRequest(record, leg, { method: 'BYE', hop, cseq, extraHeaders });
    context.transactions.openClient(
      { text, method: 'BYE', branch: hop.branch, flow, mayAct: () => context.mesh.mayAct(record.tag) },
      {
        response: ({ status }) => {
          if (status >= 200) done();
        },
        failed: done,
      },
    );
  });
}

/** Finds the way to a leg's endpoint and what it sees of this pod; nothing where this pod has no such listener. */
export function withHop(
  context: CallContext,
  record: DialogRecord,
  leg: LegIndex,
  use: (hop: LegRequest['hop'], flow: Flow) => void,
): void {
  context.nextHops.ofLeg(record.legs[leg], (flow) => {
    const legHop = context.listeners.hop(flow.listener, flow.transport);
    if (legHop) use({ ...legHop, branch: context.newBranch() }, flow);
  });
}
