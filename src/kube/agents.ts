import * as http from 'node:http';
import * as https from 'node:https';
import type { ApiAccess } from './credentials/access.ts';
import type { Credentials } from './credentials/credentials.ts';
import { CurrentText } from './credentials/current-text.ts';

/** Requests at a time; watches come on top. */
const MAX_CONNECTIONS = 32;

/** Where requests and watches get their connections. */
export interface AgentPair {
  requests: http.Agent;
  /** Watches hold their connections for minutes: they must not use up the others'. */
  watches: http.Agent;
}

/** Connections that are kept; when certificates change, new ones are made with the new ones and the old ones run out. */
export class Agents {
  readonly #access: ApiAccess;
  readonly #isSecure: boolean;
  readonly #ca: CurrentText | undefined;
  #made: { material: string; pair: AgentPair } | undefined;

  constructor(access: ApiAccess) {
    this.#access = access;
    this.#isSecure = new URL(access.server).protocol === 'https:';
    this.#ca = access.ca === undefined ? undefined : new CurrentText(access.ca);
  }

  /** Throws what reading throws if the authorities' file cannot be read. */
  for({ certificate, key }: Credentials): AgentPair {
    const ca = this.#isSecure ? this.#ca?.get() : undefined;
    const material = JSON.stringify([ca, certificate, key]);
    if (this.#made?.material !== material)
      this.#made = { material, pair: this.#newPair({ ca, cert: certificate, key }) };
    return this.#made.pair;
  }

  /** Closes all connections: what is under way fails. */
  close(): void {
    this.#made?.pair.requests.destroy();
    this.#made?.pair.watches.destroy();
    this.#made = undefined;
  }

  #newPair(texts: Record<'ca' | 'cert' | 'key', string | undefined>): AgentPair {
    const { tlsServerName, insecure = false } = this.#access;
    const given = Object.entries(texts).filter(([, text]) => text !== undefined);
    const trust = {
      ...Object.fromEntries(given),
      ...(tlsServerName !== undefined && { servername: tlsServerName }),
      rejectUnauthorized: !insecure,
    };
    const { Agent } = this.#isSecure ? https : http;
    const options = { keepAlive: true, ...(this.#isSecure && trust) };
    return {
      requests: new Agent({ ...options, maxSockets: MAX_CONNECTIONS }),
      watches: new Agent(options),
    };
  }
}
