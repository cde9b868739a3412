import { hash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { TargetConfig } from '../../api/proxy-config.ts';
import {
  answerDigest,
  H,
  parseDigestChallenge,
  parseMessage,
  SipMessage,
  type DigestChallenge,
  type HeaderLine,
} from '../../sip/index.ts';
import type { Flow } from '../flow.ts';

/** How long credentials that were read are used, in ms. */
const FRESH_MS = 2_000;
/** Nonces whose use is counted; servers choose them. */
const MAX_NONCES = 1_000;
const CNONCE_DIGITS = 16;

const HASHES = {
  MD5: (text: string): string => hash('md5', text),
  'SHA-256': (text: string): string => hash('sha256', text),
};

interface Identity {
  username: string;
  password: string;
}

/** What credentials are made of beside the targets. */
export interface CredentialsParts {
  /** Unpredictable hex digits. */
  readonly random: { hex(digits: number): string };
  readonly monotonicMs: () => number;
  /** Told of credentials that cannot be read. */
  readonly failed: (directory: string, error: unknown) => void;
}

/** Answers challenges to requests of the pod's own with the credentials of the target they went to (RFC 3261 §22, RFC 8760). */
export class Credentials {
  readonly #parts: CredentialsParts;
  readonly #known = new Map<string, { identity: Identity | undefined; untilMs: number }>();
  readonly #nonceCounts = new Map<string, number>();
  /** Folders by the address of a target. */
  #directories: ReadonlyMap<string, string> = new Map();

  constructor(targets: readonly TargetConfig[], parts: CredentialsParts) {
    this.#parts = parts;
    this.replace(targets);
  }

  /** From now on these targets have credentials. */
  replace(targets: readonly TargetConfig[]): void {
    const entries = targets.flatMap(({ addresses, credentials }) =>
      credentials === undefined
        ? []
        : addresses.map(({ address }): [string, string] => [address, credentials.directory]),
    );
    this.#directories = new Map(entries);
  }

  /**
   * The header with which a request is repeated that got this response; undefined if the response is no challenge, the target
   * has no credentials, or they were refused.
   */
  answer(response: SipMessage, request: string, flow: Flow): HeaderLine | undefined {
    const { status } = response;
    if (status !== 401 && status !== 407) return undefined;
    const sent = parseMessage(request);
    if (!(sent instanceof SipMessage)) return undefined;
    const directory = this.#directoryOf(sent, flow);
    const identity = directory === undefined ? undefined : this.#read(directory);
    if (identity === undefined) return undefined;
    const [asks, answers] =
      status === 401 ? [H.WWWAuthenticate, H.Authorization] : [H.ProxyAuthenticate, H.ProxyAuthorization];
    // RFC 8760 §2.4: the topmost one that can be answered.
    const challenge = response
      .all(asks)
      .map(parseDigestChallenge)
      .find((each) => each !== undefined);
    if (challenge === undefined || isRefused(challenge, sent.all(answers))) return undefined;
    return [answers, this.#answerTo(challenge, identity, sent)];
  }

  /** By where the request went, or by the name in its Request-URI. */
  #directoryOf({ requestUri }: SipMessage, { address }: Flow): string | undefined {
    const host = /^sips?:(?:[^@]*@)?([^;:?]+)/i.exec(requestUri)?.[1] ?? '';
    return this.#directories.get(address) ?? this.#directories.get(host);
  }

  #answerTo(challenge: DigestChallenge, identity: Identity, { method, requestUri }: SipMessage): string {
    const cnonce = this.#parts.random.hex(CNONCE_DIGITS);
    const nonceCount = this.#countOf(challenge.nonce);
    return answerDigest(challenge, { ...identity, method, uri: requestUri, nonceCount, cnonce }, HASHES);
  }

  #countOf(nonce: string): number {
    const count = (this.#nonceCounts.get(nonce) ?? 0) + 1;
    const [oldest] = this.#nonceCounts.keys();
    if (oldest !== undefined && this.#nonceCounts.size >= MAX_NONCES) this.#nonceCounts.delete(oldest);
    this.#nonceCounts.set(nonce, count);
    return count;
  }

  #read(directory: string): Identity | undefined {
    const nowMs = this.#parts.monotonicMs();
    const known = this.#known.get(directory);
    if (known && known.untilMs > nowMs) return known.identity;
    const identity = this.#load(directory);
    this.#known.set(directory, { identity, untilMs: nowMs + FRESH_MS });
    return identity;
  }

  #load(directory: string): Identity | undefined {
    try {
      const [username = '', password = ''] = ['username', 'password'].map((name) =>
        readFileSync(join(directory, name), 'utf8').trim(),
      );
      return { username, password };
    } catch (error) {
      this.#parts.failed(directory, error);
      return undefined;
    }
  }
}

/** The same realm asks again though it was answered, and does not say that only the nonce was too old. */
function isRefused({ realm, stale }: DigestChallenge, sent: readonly string[]): boolean {
  return !stale && sent.some((value) => parseDigestChallenge(value)?.realm === realm);
}
