import { createSecureContext, type ConnectionOptions, type TlsOptions } from 'node:tls';
import type { KeyRing } from './key-ring.ts';

/** Forward secrecy under a pre-shared key; Node has no pre-shared keys for TLS 1.3. */
const SUITE = {
  ciphers: 'ECDHE-PSK-CHACHA20-POLY1305',
  minVersion: 'TLSv1.2',
  maxVersion: 'TLSv1.2',
} as const;

/** The accepting side: any key of the ring will do. */
export function serverSettings(keys: KeyRing): TlsOptions {
  return { ...SUITE, pskCallback: (_socket, identity) => keys.find(identity)?.secret ?? null };
}

/** The connecting side: the ring's first key, named by its id. It authenticates both ends, there is no certificate. */
export function clientSettings(keys: KeyRing): ConnectionOptions {
  return {
    secureContext: createSecureContext(SUITE),
    pskCallback: () => ({ psk: keys.first.secret, identity: keys.first.id }),
    checkServerIdentity: () => undefined,
  };
}
