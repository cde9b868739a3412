import type { DialogRecord, LegIndex, Transport } from './record.ts';

/** The pod's side of one listener, as a leg's endpoint sees it. */
export interface LegHop {
  transport: Transport;
  /** host:port for Via. */
  sentBy: string;
  /** Advertised host:port for Contact. */
  contact: string;
}

/** A {@link LegHop} for one request. */
export interface Hop extends LegHop {
  /** Branch of the Via, magic cookie included. */
  branch: string;
}

/** The one Via of a request that the pod sends (RFC 3581: with rport). */
export function viaOf(hop: Hop): string {
  return `SIP/2.0/${hop.transport} ${hop.sentBy};branch=${hop.branch};rport`;
}

/** The Contact that the pod shows to a leg's endpoint: the far endpoint's user at this pod, and the dialog's token. */
export function contactOf(record: DialogRecord, shownTo: LegIndex, hop: LegHop): string {
  const { contactUser } = record.legs[shownTo];
  const user = contactUser === '' ? '' : `${contactUser}@`;
  const transport = hop.transport === 'TCP' ? ';transport=tcp' : '';
  const side = shownTo === 0 ? 'b' : 'a';
  return `<sip:${user}${hop.contact}${transport};rh=${record.id}${side}>`;
}
