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
  current(): Promise<Credentials>;
  /** Called when the server did not take what was given: whether there may be others now. */
  renew(): boolean;
}
