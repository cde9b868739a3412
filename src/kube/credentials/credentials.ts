/** What says who asks; nothing for a stranger. */
export interface Credentials {
  /** Sent as `Authorization: Bearer`. */
  token?: string;
  /** PEM. */
  certificate?: string;
  key?: string;
}

/** Gives the credentials of each request. */
export interface CredentialSource {
  /** Whether there may be others after the server did not take what was given. */
  readonly canChange: boolean;
  current(): Promise<Credentials>;
  /** The server did not take these, which `current` gave. */
  refused(credentials: Credentials): void;
}
