import { flat, H, type SipMessage } from '../sip/index.ts';
import { contactUri, contactUser } from './contact-uri.ts';
import type { DialogRecord, LegIndex } from './record.ts';

/** One of the dialogs of a ringing call: a forking callee answers with several To tags. */
export interface EarlyDialog {
  remoteTag: string;
  /** The tag that the caller sees. */
  shownTag: string;
  remoteTarget: string;
  routeSet: string[];
  contactUser: string;
  /** Descriptions sent to and received from the caller and the callee. */
  sdpSent: [string, string];
  sdpReceived: [string, string];
}

/** The early dialogs of one call, beside its record, which is on one of them at a time. Not replicated. */
export type EarlyDialogs = EarlyDialog[];

/** Notes the early dialog of a callee's response and puts the record on it; nothing without a To tag or once confirmed. */
export function noteEarlyDialog(dialogs: EarlyDialogs, record: DialogRecord, response: SipMessage): void {
  const { toTag } = response;
  if (record.state !== 'early' || !toTag) return;
  saveDescriptions(dialogs, record);
  const known = dialogs.find((dialog) => dialog.remoteTag === toTag);
  const dialog = known ?? newEarlyDialog(dialogs, record, flat(toTag));
  dialog.remoteTarget = contactUri(response) ?? dialog.remoteTarget;
  // RFC 3261 §12.1.2: a UAC keeps Record-Route reversed.
  if (known === undefined || isSuccess(response)) dialog.routeSet = reversedRoutes(response);
  if (known === undefined) dialog.contactUser = contactUser(response) ?? '';
  putOn(record, dialog);
}

/** Puts the record on the early dialog that this leg's endpoint names by its remote tag; false if there is none. */
export function enterEarlyDialog(
  dialogs: EarlyDialogs,
  record: DialogRecord,
  from: LegIndex,
  tag: string,
): boolean {
  const dialog = dialogs.find((known) => (from === 0 ? known.shownTag : known.remoteTag) === tag);
  if (dialog === undefined) return false;
  saveDescriptions(dialogs, record);
  putOn(record, dialog);
  return true;
}

/** What a 2xx to the initial INVITE is: the answer, the same again, or the answer of another branch. */
export type CalleeAnswer = 'answer' | 'repeat' | 'fork';

/** Puts the record on the dialog of the first 2xx (RFC 3261 §13.2.2.4); a `fork` is ended by the pod itself, see {@link forkOf}. */
export function confirmCallee(
  dialogs: EarlyDialogs,
  record: DialogRecord,
  response: SipMessage,
): CalleeAnswer {
  if (record.state !== 'early') {
    return response.toTag === record.legs[1].remoteTag ? 'repeat' : 'fork';
  }
  noteEarlyDialog(dialogs, record, response);
  return 'answer';
}

/** A record of another branch's dialog, for the ACK and the BYE that the pod sends it. */
export function forkOf(record: DialogRecord, response: SipMessage): DialogRecord {
  const callee = {
    ...record.legs[1],
    remoteTag: flat(response.toTag),
    remoteTarget: contactUri(response) ?? record.legs[1].remoteTarget,
    routeSet: reversedRoutes(response),
  };
  return { ...record, legs: [record.legs[0], callee], open: [] };
}

function newEarlyDialog(dialogs: EarlyDialogs, record: DialogRecord, remoteTag: string): EarlyDialog {
  const [caller, callee] = record.legs;
  const masked = caller.callId !== callee.callId;
  const dialog: EarlyDialog = {
    remoteTag,
    shownTag: masked ? `${callee.localTag}.${String(dialogs.length + 1)}` : remoteTag,
    remoteTarget: callee.remoteTarget,
    routeSet: [],
    contactUser: '',
    sdpSent: ['', ''],
    sdpReceived: ['', ''],
  };
  dialogs.push(dialog);
  return dialog;
}

function saveDescriptions(dialogs: EarlyDialogs, record: DialogRecord): void {
  const [caller, callee] = record.legs;
  const current = dialogs.find((dialog) => dialog.remoteTag === callee.remoteTag);
  if (current === undefined) return;
  current.sdpSent = [caller.sdpSent, callee.sdpSent];
  current.sdpReceived = [caller.sdpReceived, callee.sdpReceived];
  current.remoteTarget = callee.remoteTarget;
}

function putOn(record: DialogRecord, dialog: EarlyDialog): void {
  const [caller, callee] = record.legs;
  caller.localTag = dialog.shownTag;
  caller.contactUser = dialog.contactUser;
  callee.remoteTag = dialog.remoteTag;
  callee.remoteTarget = dialog.remoteTarget;
  callee.routeSet = dialog.routeSet;
  for (const leg of [0, 1] as const) {
    record.legs[leg].sdpSent = dialog.sdpSent[leg];
    record.legs[leg].sdpReceived = dialog.sdpReceived[leg];
  }
}

function reversedRoutes(response: SipMessage): string[] {
  return response.list(H.RecordRoute).map(flat).reverse();
}

function isSuccess(response: SipMessage): boolean {
  return response.status >= 200 && response.status < 300;
}
