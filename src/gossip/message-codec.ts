import {
  bytes,
  flag,
  list,
  oneOf,
  optional,
  struct,
  text,
  u32,
  u53,
  type Codec,
  type Fields,
} from './field.ts';
import { beginFrame, endFrame, type BrokenCode, type Frame } from './frame.ts';
import type {
  CompareMode,
  InventoryItem,
  LeaseAnswer,
  Message,
  MessageKind,
  OwnedTag,
  Position,
  RecordItem,
  RosterMember,
  TagClaim,
  TagEpoch,
  TagHeartbeat,
  TagOwner,
  TagVerdict,
  VerdictCode,
} from './message.ts';
import type { Role } from './options.ts';
import type { ClaimReason, Owner } from './owner.ts';
import type { WireWriter } from './wire.ts';

type Body<K extends MessageKind> = Omit<Extract<Message, { kind: K }>, 'kind'>;

const owner: Codec<Owner | undefined> = optional(
  struct<Owner>({ epoch: [1, u32], pod: [2, text], boot: [3, text] }),
);
const position = struct<Position>({ tag: [1, text], epoch: [2, u32], sequence: [3, u53], synced: [4, flag] });
export const tagEpoch: Codec<TagEpoch> = struct<TagEpoch>({ tag: [1, text], epoch: [2, u32] });
const reason: Codec<ClaimReason> = oneOf('dead', 'handover', 'renew', 'vacant');
const role: Codec<Role> = oneOf('proxy', 'witness');
const compareMode: Codec<CompareMode> = oneOf('gather', 'attach', 'check');
const verdictCode: Codec<VerdictCode> = oneOf(
  'reason',
  'yes',
  'roster',
  'not-a-voter',
  'just-started',
  'floor',
  'granted',
  'owner-known',
  'yield',
);

/** Fields of a roster's member, on the wire and in the voter file, which has a field 5 of its own. */
export const rosterMember: Fields<RosterMember> = {
  pod: [1, text],
  role: [2, role],
  voterId: [3, text],
  replaced: [4, flag],
  mesh: [6, text],
};

const ENDED = 1;
const DOUBTFUL = 2;

/** Packed, since one is written and read per replicated change. */
const recordItem: Codec<RecordItem> = {
  write: (writer, item) => {
    writer.u8((item.ended ? ENDED : 0) | (item.doubtful ? DOUBTFUL : 0));
    writer.u32(item.epoch);
    writer.u32(item.version);
    writer.text(item.key);
    writer.bytes(item.bytes);
  },
  read: (reader) => {
    const flags = reader.u8();
    const epoch = reader.u32();
    const version = reader.u32();
    const key = reader.text();
    return {
      key,
      epoch,
      version,
      ended: (flags & ENDED) !== 0,
      doubtful: (flags & DOUBTFUL) !== 0,
      bytes: reader.bytes(),
    };
  },
  none: () => ({ key: '', epoch: 0, version: 0, ended: false, doubtful: false, bytes: new Uint8Array(0) }),
  absent: () => false,
};

/** Kinds and field ids are append-only: a number is never used for something else. */
const CODECS: { readonly [K in MessageKind]: readonly [id: number, codec: Codec<Body<K>>] } = {
  hello: [1, struct<Body<'hello'>>({ boot: [1, text], voterId: [2, text], positions: [3, list(position)] })],
  roster: [
    2,
    struct<Body<'roster'>>({
      number: [1, u32],
      members: [2, list(struct<RosterMember>(rosterMember))],
      floor: [3, list(tagEpoch)],
      granted: [4, list(tagEpoch)],
    }),
  ],
  table: [
    3,
    struct<Body<'table'>>({
      owners: [
        1,
        list(
          struct<{ tag: string; owner: Owner | undefined }>({
            tag: [1, text],
            owner: [2, owner],
          }) as Codec<TagOwner>,
        ),
      ],
    }),
  ],
  compare: [
    4,
    struct<Body<'compare'>>({
      tag: [1, text],
      epoch: [2, u32],
      sequence: [3, u53],
      mode: [4, compareMode],
      round: [6, u53],
      digest: [5, bytes],
    }),
  ],
  inventory: [
    5,
    struct<Body<'inventory'>>({
      tag: [1, text],
      epoch: [2, u32],
      round: [3, u53],
      items: [4, list(struct<InventoryItem>({ key: [1, text], epoch: [2, u32], version: [3, u32] }))],
      ended: [5, bytes],
      buckets: [6, bytes],
      last: [7, flag],
    }),
  ],
  want: [
    6,
    struct<Body<'want'>>({ tag: [1, text], epoch: [2, u32], keys: [3, list(text)], round: [4, u53] }),
  ],
  records: [
    7,
    struct<Body<'records'>>({
      tag: [1, text],
      epoch: [2, u32],
      items: [3, list(recordItem)],
      ended: [4, bytes],
      done: [5, flag],
      round: [6, u53],
    }),
  ],
  received: [
    8,
    struct<Body<'received'>>({ tag: [1, text], epoch: [2, u32], bytes: [3, u32], round: [4, u53] }),
  ],
  synced: [9, struct<Body<'synced'>>({ tag: [1, text], epoch: [2, u32], sequence: [3, u53] })],
  changes: [
    10,
    struct<Body<'changes'>>({
      tag: [1, text],
      epoch: [2, u32],
      from: [3, u53],
      to: [4, u53],
      prompt: [5, flag],
      items: [6, list(recordItem)],
    }),
  ],
  ack: [11, struct<Body<'ack'>>({ positions: [1, list(position)] })],
  refuse: [
    12,
    struct<Body<'refuse'>>({ tag: [1, text], epoch: [2, u32], granted: [3, u32], owner: [4, owner] }),
  ],
  resync: [13, struct<Body<'resync'>>({ tag: [1, text], epoch: [2, u32] })],
  heartbeat: [
    14,
    struct<Body<'heartbeat'>>({
      tags: [
        1,
        list(
          struct<TagHeartbeat>({
            tag: [1, text],
            epoch: [2, u32],
            sequence: [3, u53],
            standbys: [4, list(text)],
          }),
        ),
      ],
    }),
  ],
  release: [
    15,
    struct<Body<'release'>>({ tag: [1, text], epoch: [2, u32], to: [3, text], sequence: [4, u53] }),
  ],
  discard: [16, struct<Body<'discard'>>({ tag: [1, text], epoch: [2, u32] })],
  payload: [17, struct<Body<'payload'>>({ bytes: [1, bytes] })],
  probe: [
    32,
    struct<Body<'probe'>>({
      boot: [1, text],
      voterId: [2, text],
      nonce: [3, u53],
      roster: [4, u32],
      rosterDigest: [5, u53],
      tableDigest: [6, u53],
      owned: [7, list(struct<OwnedTag>({ tag: [1, text], epoch: [2, u32], lapsed: [3, flag] }))],
    }),
  ],
  answer: [
    33,
    struct<Body<'answer'>>({
      boot: [1, text],
      voterId: [2, text],
      nonce: [3, u53],
      roster: [4, u32],
      rosterDigest: [5, u53],
      tableDigest: [6, u53],
      leases: [
        7,
        list(
          struct<LeaseAnswer>({
            tag: [1, text],
            epoch: [2, u32],
            renewed: [3, flag],
            granted: [4, u32],
            owner: [5, owner],
          }),
        ),
      ],
    }),
  ],
  claim: [
    34,
    struct<Body<'claim'>>({
      boot: [1, text],
      voterId: [2, text],
      roster: [3, u32],
      rosterDigest: [4, u53],
      tags: [
        5,
        list(
          struct<TagClaim>({
            tag: [1, text],
            epoch: [2, u32],
            reason: [3, reason],
            preVote: [4, flag],
            rank: [5, u32],
            attempt: [6, u53],
            owner: [7, owner],
          }),
        ),
      ],
    }),
  ],
  verdict: [
    35,
    struct<Body<'verdict'>>({
      boot: [1, text],
      voterId: [2, text],
      claimantBoot: [3, text],
      roster: [4, u32],
      tags: [
        5,
        list(
          struct<TagVerdict>({
            tag: [1, text],
            epoch: [2, u32],
            preVote: [3, flag],
            attempt: [4, u53],
            answer: [5, verdictCode],
            granted: [6, owner],
            owner: [7, owner],
          }),
        ),
      ],
    }),
  ],
};

const KIND_OF = new Map(Object.entries(CODECS).map(([kind, [id]]) => [id, kind as MessageKind]));

/** Bytes of one frame. */
export function encodeMessage(writer: WireWriter, message: Message, sequence: number): Uint8Array {
  writer.clear();
  const [id, codec] = CODECS[message.kind] as unknown as readonly [number, Codec<Message>];
  const at = beginFrame(writer, id, sequence);
  codec.write(writer, message);
  endFrame(writer, at);
  return writer.take();
}

/** The message of a frame; undefined for a kind that only a newer pod knows. Byte fields are views of the packet. */
export function decodeMessage(frame: Frame): Message | BrokenCode | undefined {
  const kind = KIND_OF.get(frame.kind);
  if (kind === undefined) return undefined;
  const body = (CODECS[kind] as unknown as readonly [number, Codec<object>])[1].read(frame.fields);
  return frame.fields.ok ? ({ kind, ...body } as Message) : 'field';
}
