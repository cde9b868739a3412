import { generateKeyPairSync, sign, type KeyObject } from 'node:crypto';

/** A certificate and its key, both PEM. */
export interface Identity {
  certificate: string;
  key: string;
}

/** Who a certificate is for: a subject, and the names that a server answers to. */
export interface Holder {
  commonName: string;
  organization?: string;
  /** IPv4 addresses and DNS names. */
  names?: readonly string[];
}

const HOUR_MS = 3_600_000;

/** Makes certificates (RFC 5280) as a cluster has them, valid from an hour ago for a day. */
export class CertificateAuthority {
  readonly certificate: string;
  readonly #commonName: string;
  readonly #key: KeyObject;
  #serial = 1;

  constructor(commonName: string) {
    const { publicKey, privateKey } = newKeys();
    this.#commonName = commonName;
    this.#key = privateKey;
    this.certificate = this.#signed({ commonName }, publicKey, true);
  }

  issue(holder: Holder): Identity {
    const { publicKey, privateKey } = newKeys();
    const key = privateKey.export({ type: 'pkcs8', format: 'pem' }) as string;
    return { certificate: this.#signed(holder, publicKey, false), key };
  }

  #signed(holder: Holder, publicKey: KeyObject, isAuthority: boolean): string {
    const algorithm = sequence(objectId(ECDSA_WITH_SHA256));
    const now = Date.now();
    const body = sequence(
      tagged(0xa0, integer(2)),
      integer(this.#serial++),
      algorithm,
      nameOf({ commonName: this.#commonName }),
      sequence(time(now - HOUR_MS), time(now + 24 * HOUR_MS)),
      nameOf(holder),
      publicKey.export({ type: 'spki', format: 'der' }),
      tagged(0xa3, sequence(...extensions(holder, isAuthority))),
    );
    const signature = sign('sha256', body, this.#key);
    const whole = sequence(body, algorithm, tagged(0x03, Buffer.from([0]), signature));
    const lines = whole.toString('base64').match(/.{1,64}/g) ?? [];
    return ['-----BEGIN CERTIFICATE-----', ...lines, '-----END CERTIFICATE-----', ''].join('\n');
  }
}

const ECDSA_WITH_SHA256 = '2a8648ce3d040302';
const COMMON_NAME = '550403';
const ORGANIZATION = '55040a';
const BASIC_CONSTRAINTS = '551d13';
const SUBJECT_ALT_NAME = '551d11';

function newKeys(): { publicKey: KeyObject; privateKey: KeyObject } {
  return generateKeyPairSync('ec', { namedCurve: 'P-256' });
}

function nameOf({ commonName, organization }: Holder): Buffer {
  const part = (id: string, text: string): Buffer =>
    tagged(0x31, sequence(objectId(id), tagged(0x0c, Buffer.from(text))));
  return sequence(
    ...(organization === undefined ? [] : [part(ORGANIZATION, organization)]),
    part(COMMON_NAME, commonName),
  );
}

function extensions({ names = [] }: Holder, isAuthority: boolean): Buffer[] {
  const extension = (id: string, value: Buffer): Buffer => sequence(objectId(id), tagged(0x04, value));
  const isTrue = tagged(0x01, Buffer.from([0xff]));
  return [
    extension(BASIC_CONSTRAINTS, sequence(...(isAuthority ? [isTrue] : []))),
    ...(names.length === 0 ? [] : [extension(SUBJECT_ALT_NAME, sequence(...names.map(generalName)))]),
  ];
}

function generalName(name: string): Buffer {
  return /^[\d.]+$/.test(name)
    ? tagged(0x87, Buffer.from(name.split('.').map(Number)))
    : tagged(0x82, Buffer.from(name));
}

/** DER (X.690): a tag, a length and a content. */
function tagged(tag: number, ...contents: Buffer[]): Buffer {
  const content = Buffer.concat(contents);
  const { length } = content;
  const size =
    length < 0x80 ? [length] : length < 0x100 ? [0x81, length] : [0x82, length >> 8, length & 0xff];
  return Buffer.concat([Buffer.from([tag, ...size]), content]);
}

function sequence(...items: Buffer[]): Buffer {
  return tagged(0x30, ...items);
}

function integer(value: number): Buffer {
  return tagged(0x02, Buffer.from([value]));
}

function objectId(hex: string): Buffer {
  return tagged(0x06, Buffer.from(hex, 'hex'));
}

function time(ms: number): Buffer {
  return tagged(
    0x17,
    Buffer.from(
      new Date(ms)
        .toISOString()
        .replace(/[-:T]|\.\d+/g, '')
        .slice(2),
    ),
  );
}
