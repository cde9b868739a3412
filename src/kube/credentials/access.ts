/** A file, or what would be in it. */
export type TextSource = { file: string } | { text: string };

/** A program that gives credentials (client.authentication.k8s.io). */
export interface ExecPlugin {
  command: string;
  args: readonly string[];
  /** On top of this process's own. */
  env: Readonly<Record<string, string>>;
  apiVersion: string;
  /** What the program is told of the cluster; undefined if it is told nothing. */
  cluster?: Readonly<Record<string, unknown>>;
  /** What a person does who has no such program. */
  installHint?: string;
}

/** Where the API server is, as whom it is asked, and what its certificate is checked against. Files are read again each minute. */
export interface ApiAccess {
  /** URL, http or https, with the path under which the API lies. */
  server: string;
  token?: TextSource;
  /** PEM, of the person or program that asks. */
  clientCertificate?: TextSource;
  clientKey?: TextSource;
  exec?: ExecPlugin;
  /** PEM of the authorities that the server's certificate may be from; the system's if left out. */
  ca?: TextSource;
  /** Name that the certificate is for, if it is not that of the URL. */
  tlsServerName?: string;
  /** The server's certificate is not checked. */
  insecure?: boolean;
  /** Where objects are that name no namespace. */
  namespace?: string;
}
