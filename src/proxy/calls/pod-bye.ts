import { takeCSeq } from '../../dialog/epoch-cseq.ts';
import { buildLegRequest, type LegRequest } from '../../dialog/local-request.ts';
import type { DialogRecord, Leg, LegIndex } from '../../dialog/record.ts';
import { H, type HeaderLine, type SipMessage } from '../../sip/index.ts';
import type { Flow } from '../flow.ts';
import type { CallContext } from './context.ts';

/** A BYE that is challenged again after so many answers is left. */
const MAX_CHALLENGES = 2;

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
  withHop(context, record.legs[leg], (hop, flow) => {
    context.send(flow, buildLegRequest(record, leg, { method: 'ACK', hop, ...ack }));
  });
}

/** How a BYE of the pod's own goes. */
export interface ByeOptions {
  /** Values of Reason (RFC 3326). */
  readonly reasons?: readonly string[];
  readonly credentials?: readonly HeaderLine[];
  /** How often it was repeated with credentials. */
  readonly challenges?: number;
  /** Called when it is answered or given up. */
  readonly done?: () => void;
}

/** Ends one leg by a BYE of the pod's own; a challenge is answered where the leg's target has credentials. */
export function sendBye(
  context: CallContext,
  record: DialogRecord,
  leg: LegIndex,
  options: ByeOptions = {},
): void {
  const { reasons = [], credentials = [], challenges = 0, done = () => undefined } = options;
  const cseq = takeCSeq(record.legs[leg], record.epoch);
  const extraHeaders = [...reasons.map((reason): HeaderLine => [H.Reason, reason]), ...credentials];
  withHop(
    context,
    record.legs[leg],
    (hop, flow) => {
      const text = buildLegRequest(record, leg, { method: 'BYE', hop, cseq, extraHeaders });
      const response = (message: SipMessage): void => {
        if (message.status < 200) return;
        const answer =
          challenges >= MAX_CHALLENGES ? undefined : context.credentials.answer(message, text, flow);
        if (answer === undefined) done();
        else
          sendBye(context, record, leg, {
            ...options,
            credentials: [...credentials.filter(([id]) => id !== answer[0]), answer],
            challenges: challenges + 1,
          });
      };
      context.transactions.openClient(
        { text, method: 'BYE', branch: hop.branch, flow, mayAct: () => context.mesh.mayAct(record.tag) },
        { response, failed: done },
      );
    },
    done,
  );
}

/** Finds the way to a leg's endpoint and what it sees of this pod; `otherwise` where this pod has no such listener. */
function withHop(
  context: CallContext,
  leg: Leg,
  use: (hop: LegRequest['hop'], flow: Flow) => void,
  otherwise: () => void = () => undefined,
): void {
  context.nextHops.ofLeg(leg, (flow) => {
    const legHop = context.listeners.hop(flow.listener, flow.transport);
    if (legHop) use({ ...legHop, branch: context.newBranch() }, flow);
    else otherwise();
  });
}
