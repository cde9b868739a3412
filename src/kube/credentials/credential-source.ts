import type { ApiAccess } from './access.ts';
import { CurrentText } from './current-text.ts';
import type { Credentials, CredentialSource } from './credentials.ts';
import { ExecCredentials } from './exec-credentials.ts';

/** The credentials that an access names; as in client-go, a program is not asked if there are others. */
export function credentialSource(access: ApiAccess, wallMs: () => number): CredentialSource {
  const { exec, token, clientCertificate } = access;
  if (exec !== undefined && token === undefined && clientCertificate === undefined)
    return new ExecCredentials(exec, wallMs);
  return new TextCredentials(access);
}

/** Credentials that somebody wrote, mostly into files. */
class TextCredentials implements CredentialSource {
  readonly #texts: ReadonlyMap<keyof Credentials, CurrentText>;

  constructor({ token, clientCertificate, clientKey }: ApiAccess) {
    const sources = { token, certificate: clientCertificate, key: clientKey };
    this.#texts = new Map(
      Object.entries(sources).flatMap(([name, source]) =>
        source === undefined ? [] : [[name as keyof Credentials, new CurrentText(source)]],
      ),
    );
  }

  get canChange(): boolean {
    return [...this.#texts.values()].some(({ isInFile }) => isInFile);
  }

  current(): Promise<Credentials> {
    return Promise.resolve().then(() =>
      Object.fromEntries([...this.#texts].map(([name, text]) => [name, text.get()])),
    );
  }

  refused(): void {
    for (const text of this.#texts.values()) text.forget();
  }
}
