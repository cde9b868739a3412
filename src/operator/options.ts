import { parseArgs } from 'node:util';
import { ipFamily, parseHostPort, type HostPort } from '../api/address.ts';
import { HTTP_PORT, MESH_PORT } from '../api/pod-ports.ts';
import { failureText } from '../runtime/failure-text.ts';

const LOG_LEVELS: readonly string[] = ['error', 'warn', 'info', 'debug'];

/** How an operator runs. */
export interface OperatorOptions {
  /** URL of the Kubernetes API; '' for that of a kubeconfig, or of the cluster that this process is a pod of. */
  apiServer: string;
  /** Files with the bearer token and the CA of the API; '' for none. */
  tokenFile: string;
  caFile: string;
  /** '' for what the environment names. */
  kubeconfig: string;
  /** Of the kubeconfig; '' for its current one. */
  context: string;
  /** The namespace that is watched; '' for all of them. */
  namespace: string;
  /** Where the Lease lies; '' for the namespace that the credentials are for. */
  leaseNamespace: string;
  /**
   * Who this process is among operators; '' for a name that nobody else has. One with the name of its predecessor need not
   * wait for the predecessor's Lease to end: the predecessor must have ended.
   */
  identity: string;
  http: HostPort;
  /** Where the operator's votes bind, one port a cluster from this one on, and the address that pods are told. */
  mesh: HostPort;
  logLevel: string;
}

export const OPERATOR_USAGE = `rehome operator [options]

Makes and moves the pods of SipClusters; of several operators one leads. In a pod it needs none of these: it uses its
ServiceAccount.

  --kubeconfig FILE    how the Kubernetes API is reached; if left out: the files in KUBECONFIG, else as a pod,
                       else ~/.kube/config
  --context NAME       a context of it; the current one if left out
  --api-server URL     the Kubernetes API, without a kubeconfig   (REHOME_API_SERVER)
  --token-file FILE    bearer token for it                        (REHOME_API_TOKEN_FILE)
  --ca-file FILE       certificates that it is checked against    (REHOME_API_CA_FILE)
  --namespace NAME     watch only this namespace; all if left out (REHOME_NAMESPACE)
  --mesh-bind H:P      first port of the operator's votes, at an address that pods reach (POD_IP:7946)
  --http-bind H:P      /healthz, /readyz and /metrics             (POD_IP:9090)
  --identity NAME      who this process is among operators        (POD_NAME and POD_UID)
  --log-level LEVEL    error, warn, info or debug                 (REHOME_LOG_LEVEL, info)
  --help               this text

The exit code is 0 after SIGTERM or SIGINT, 2 if an option is wrong, 1 if the operator cannot run.
`;

type Environment = Readonly<Record<string, string | undefined>>;

/** What a command line asks for. */
export type OperatorCommand =
  { kind: 'run'; options: OperatorOptions } | { kind: 'help' } | { kind: 'wrong'; problem: string };

const FLAGS = {
  kubeconfig: { type: 'string' },
  context: { type: 'string' },
  'api-server': { type: 'string' },
  'token-file': { type: 'string' },
  'ca-file': { type: 'string' },
  namespace: { type: 'string' },
  'mesh-bind': { type: 'string' },
  'http-bind': { type: 'string' },
  identity: { type: 'string' },
  'log-level': { type: 'string' },
  help: { type: 'boolean', short: 'h' },
} as const;

/** Reads a command line; what it leaves out comes from the environment, then from the defaults. */
export function readOperatorCommand(argv: string[], environment: Environment): OperatorCommand {
  try {
    const { values } = parseArgs({ args: argv, options: FLAGS });
    if (values.help === true) return { kind: 'help' };
    return check({ ...fromEnvironment(environment), ...values });
  } catch (error) {
    return { kind: 'wrong', problem: failureText(error) };
  }
}

type Given = Partial<Record<Exclude<keyof typeof FLAGS, 'help'> | 'lease-namespace', string | undefined>>;

function fromEnvironment(environment: Environment): Given {
  const host = environment['POD_IP'] ?? '127.0.0.1';
  const bracketed = ipFamily(host) === 6 ? `[${host}]` : host;
  return {
    'api-server': environment['REHOME_API_SERVER'],
    'token-file': environment['REHOME_API_TOKEN_FILE'],
    'ca-file': environment['REHOME_API_CA_FILE'],
    namespace: environment['REHOME_NAMESPACE'],
    'lease-namespace': environment['POD_NAMESPACE'],
    'mesh-bind': `${bracketed}:${MESH_PORT}`,
    'http-bind': `${bracketed}:${HTTP_PORT}`,
    identity: podIdentity(environment),
    'log-level': environment['REHOME_LOG_LEVEL'],
  };
}

/** A pod's processes follow each other, and no other pod ever has its uid. */
function podIdentity({ POD_NAME: name, POD_UID: uid }: Environment): string | undefined {
  return name === undefined || uid === undefined ? undefined : `${name}_${uid}`;
}

function check(given: Given): OperatorCommand {
  const { 'api-server': apiServer = '', 'log-level': logLevel = 'info' } = given;
  const http = parseHostPort(given['http-bind'] ?? '');
  const mesh = parseHostPort(given['mesh-bind'] ?? '');
  if (apiServer !== '' && !URL.canParse(apiServer)) return wrong('--api-server must be a URL');
  if (http === undefined) return wrong('--http-bind must be host:port');
  if (mesh === undefined) return wrong('--mesh-bind must be host:port');
  if (!LOG_LEVELS.includes(logLevel)) return wrong(`--log-level must be one of ${LOG_LEVELS.join(', ')}`);
  return { kind: 'run', options: { apiServer, http, mesh, logLevel, ...textsOf(given) } };
}

function textsOf(given: Given): Omit<OperatorOptions, 'apiServer' | 'http' | 'mesh' | 'logLevel'> {
  const {
    'token-file': tokenFile = '',
    'ca-file': caFile = '',
    'lease-namespace': leaseNamespace = '',
    kubeconfig = '',
    context = '',
    namespace = '',
    identity = '',
  } = given;
  return { tokenFile, caFile, kubeconfig, context, namespace, leaseNamespace, identity };
}

function wrong(problem: string): OperatorCommand {
  return { kind: 'wrong', problem };
}
