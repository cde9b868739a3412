import type { Flow } from '../flow.ts';

/**
 * What pods send each other about messages of endpoints. Kinds are append-only: a pod ignores those it does not know.
 *
 * - `handle`: a message for a dialog of yours, with the flow it came by and, where the sender has one, its record of the dialog.
 * - `offer`: a message that matches nothing here; answer by `decline` if it matches nothing of yours either.
 * - `emit`: send this by that flow of yours.
 * - `adopt`: an answered call of a tag of yours in which I still had an exchange to finish; while one is under way in
 *   the record, I go on with it.
 * - `ended`: a call of a tag of yours is over; I have written its CDR.
 * - `leaving`: I was told to stop: hand nothing to me, and while I have calls of my own I need your vote.
 */
export type PodMessage =
  | { kind: 'handle'; flow: Flow; text: string; record?: RecordCopy }
  | { kind: 'offer'; offerId: number; flow: Flow; text: string }
  | { kind: 'decline'; offerId: number }
  | { kind: 'emit'; flow: Flow; text: string }
  | { kind: 'adopt'; record: RecordCopy }
  | { kind: 'ended'; tag: string; id: string }
  | { kind: 'leaving'; hasCalls: boolean };

/** An encoded dialog record and the version that decides merges. */
export interface RecordCopy {
  tag: string;
  id: string;
  epoch: number;
  version: number;
  bytes: Uint8Array;
}

const KINDS = ['handle', 'offer', 'decline', 'emit', 'adopt', 'ended', 'leaving'] as const;

/** Layout: kind (1), length of the head (4, network order), head (JSON), length of the text (4), text (latin1), record bytes. */
export function encodePodMessage(message: PodMessage): Buffer {
  const record = 'record' in message ? message.record : undefined;
  const head = Buffer.from(JSON.stringify(headOf(message, record)));
  const text = 'text' in message ? message.text : '';
  const bytes = record?.bytes ?? new Uint8Array(0);
  const out = Buffer.allocUnsafe(9 + head.length + text.length + bytes.length);
  out[0] = KINDS.indexOf(message.kind);
  out.writeUInt32BE(head.length, 1);
  head.copy(out, 5);
  out.writeUInt32BE(text.length, 5 + head.length);
  out.write(text, 9 + head.length, 'latin1');
  out.set(bytes, 9 + head.length + text.length);
  return out;
}

interface Head {
  flow?: Flow;
  offerId?: number;
  dialog?: { tag: string; id: string };
  hasCalls?: boolean;
  record?: Omit<RecordCopy, 'bytes'>;
}

function headOf(message: PodMessage, record: RecordCopy | undefined): Head {
  const head: Head = {};
  if ('flow' in message) head.flow = message.flow;
  if ('offerId' in message) head.offerId = message.offerId;
  if (message.kind === 'leaving') head.hasCalls = message.hasCalls;
  if (message.kind === 'ended') head.dialog = { tag: message.tag, id: message.id };
  if (record) head.record = { tag: record.tag, id: record.id, epoch: record.epoch, version: record.version };
  return head;
}

/** Undefined for bytes that are no message of a known kind. */
export function decodePodMessage(payload: Uint8Array): PodMessage | undefined {
  const bytes = Buffer.from(payload.buffer, payload.byteOffset, payload.byteLength);
  const kind = KINDS[bytes[0] ?? 255];
  if (kind === undefined || bytes.length < 9) return undefined;
  const headEnd = 5 + bytes.readUInt32BE(1);
  if (headEnd + 4 > bytes.length) return undefined;
  const textEnd = headEnd + 4 + bytes.readUInt32BE(headEnd);
  if (textEnd > bytes.length) return undefined;
  const head = parseHead(bytes.toString('utf8', 5, headEnd));
  const text = bytes.toString('latin1', headEnd + 4, textEnd);
  return head && assemble(kind, head, text, bytes.subarray(textEnd));
}

function parseHead(json: string): Head | undefined {
  try {
    const value: unknown = JSON.parse(json);
    return typeof value === 'object' && value !== null ? value : undefined;
  } catch {
    return undefined;
  }
}

function assemble(
  kind: PodMessage['kind'],
  { flow, offerId, dialog, hasCalls = false, ...head }: Head,
  text: string,
  rest: Uint8Array,
): PodMessage | undefined {
  const record = head.record && { ...head.record, bytes: rest };
  if (kind === 'adopt') return record && { kind, record };
  if (kind === 'ended') return dialog && { kind, ...dialog };
  if (kind === 'leaving') return { kind, hasCalls };
  if (kind === 'decline') return offerId === undefined ? undefined : { kind, offerId };
  return flow && ofMessage(kind, flow, { text, offerId, record });
}

function ofMessage(
  kind: 'handle' | 'offer' | 'emit',
  flow: Flow,
  { text, offerId, record }: { text: string; offerId: number | undefined; record: RecordCopy | undefined },
): PodMessage | undefined {
  if (kind === 'offer') return offerId === undefined ? undefined : { kind, flow, text, offerId };
  return kind === 'handle' && record ? { kind, flow, text, record } : { kind, flow, text };
}
