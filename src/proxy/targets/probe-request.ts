import type { TargetAddress } from '../../api/proxy-config.ts';
import { viaOf, type Hop } from '../../dialog/hop.ts';
import { buildRequest, H } from '../../sip/index.ts';
import { bracketed } from '../listeners.ts';

/** What makes one probe differ from all others. */
export interface ProbeIds {
  fromTag: string;
  callId: string;
}

/** The bytes of an OPTIONS that asks an address whether it is there (RFC 3261 §11.1). */
export function probeRequest(to: TargetAddress, hop: Hop, { fromTag, callId }: ProbeIds): string {
  const parameter = hop.transport === 'TCP' ? ';transport=tcp' : '';
  const uri = `sip:${bracketed(to.address)}:${String(to.port)}${parameter}`;
  return buildRequest({
    method: 'OPTIONS',
    uri,
    headers: [
      [H.Via, viaOf(hop)],
      [H.MaxForwards, '70'],
      [H.From, `<sip:${hop.contact}>;tag=${fromTag}`],
      [H.To, `<${uri}>`],
      [H.CallId, callId],
      [H.CSeq, '1 OPTIONS'],
      [H.Contact, `<sip:${hop.contact}${parameter}>`],
      [H.Accept, 'application/sdp'],
    ],
  });
}
