import { execFile } from 'node:child_process';
import type { ExecPlugin } from './access.ts';
import type { Credentials, CredentialSource } from './credentials.ts';

/** A program that waits for a person or a network must not hold everything up for ever. */
const LIMIT_MS = 60_000;
/** Credentials are renewed so long before they end. */
const EARLY_MS = 10_000;

/** ExecCredential of client.authentication.k8s.io/v1, as far as it is read. */
interface ExecStatus {
  expirationTimestamp?: string;
  token?: string;
  clientCertificateData?: string;
  clientKeyData?: string;
}

/** Credentials that a program gives, kept until they end or are refused; it runs once, whoever waits for it. */
export class ExecCredentials implements CredentialSource {
  readonly canChange = true;
  readonly #plugin: ExecPlugin;
  readonly #wallMs: () => number;
  #asked: Promise<Credentials> | undefined;
  /** What it gave last. */
  #given: Credentials | undefined;
  #untilMs = Infinity;

  constructor(plugin: ExecPlugin, wallMs: () => number) {
    this.#plugin = plugin;
    this.#wallMs = wallMs;
  }

  /** Rejects with Error in one line if the program gives none. */
  current(): Promise<Credentials> {
    if (this.#given !== undefined && this.#wallMs() >= this.#untilMs) this.#forget();
    this.#asked ??= this.#ask();
    return this.#asked;
  }

  refused(credentials: Credentials): void {
    // Others may have been asked for since.
    if (credentials === this.#given) this.#forget();
  }

  #forget(): void {
    this.#asked = undefined;
    this.#given = undefined;
  }

  async #ask(): Promise<Credentials> {
    try {
      const { expirationTimestamp = '', ...status } = statusIn(await this.#run());
      const endsMs = Date.parse(expirationTimestamp);
      this.#untilMs = Number.isNaN(endsMs) ? Infinity : endsMs - EARLY_MS;
      this.#given = credentialsIn(status);
      return this.#given;
    } catch (error) {
      this.#forget();
      throw new Error(`credentials: ${this.#plugin.command}: ${(error as Error).message}`, { cause: error });
    }
  }

  #run(): Promise<string> {
    const { command, args, env, apiVersion, cluster, installHint } = this.#plugin;
    const info = {
      apiVersion,
      kind: 'ExecCredential',
      spec: { interactive: false, ...(cluster && { cluster }) },
    };
    const options = {
      env: { ...process.env, ...env, KUBERNETES_EXEC_INFO: JSON.stringify(info) },
      timeout: LIMIT_MS,
    };
    return new Promise((resolve, reject) => {
      execFile(command, [...args], options, (error, stdout, stderr) => {
        if (error === null) resolve(stdout);
        else if (error.code === 'ENOENT')
          reject(new Error(`is not there${installHint ? `; ${installHint}` : ''}`));
        else reject(new Error(stderr.trim() || error.message));
      });
    });
  }
}

function statusIn(text: string): ExecStatus {
  const { kind, status } = JSON.parse(text) as { kind?: string; status?: ExecStatus };
  if (kind !== 'ExecCredential' || typeof status !== 'object') throw new Error('wrote no ExecCredential');
  return status;
}

function credentialsIn({ token, clientCertificateData, clientKeyData }: ExecStatus): Credentials {
  if (!token && !clientCertificateData) throw new Error('gave neither a token nor a certificate');
  if (!clientCertificateData !== !clientKeyData) throw new Error('gave only one of certificate and key');
  return {
    ...(token && { token }),
    ...(clientCertificateData && { certificate: clientCertificateData }),
    ...(clientKeyData && { key: clientKeyData }),
  };
}
